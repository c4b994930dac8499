/**
 * Work that is done in one go for all that is handed over in one turn of the event loop, since a go costs about the same
 * with one thing as with thirty. It fails for all of them alike.
 * @param most how many things a go may have.
 */
export function together<T>(work: (things: T[]) => Promise<void>, most: number): (thing: T) => Promise<void> {
  let next: { things: T[]; done: Promise<void> } | undefined
  const begin = () => {
    const things: T[] = []
    const done = new Promise((resolve) => setImmediate(resolve)).then(() => {
      if (next === go) next = undefined
      return work(things)
    })
    const go = { things, done }
    return go
  }
  return (thing) => {
    if (!next || next.things.length >= most) next = begin()
    next.things.push(thing)
    return next.done
  }
}
