/** The console's way to the supervisor that started it, over the channel that no one else has. */
import type { Answer, PartState, Question, Wish } from '../cloud/childProtocol.ts'
import { answerOf, HttpError } from './http/errors.ts'

export interface Supervisor {
  /** The parts of the local cloud. */
  parts(): Promise<PartState[]>
  /** Has something go wrong in a part; `{}`: nothing. */
  disturb(part: string, how: object): Promise<void>
  /** Ends a part as a crash would; the supervisor starts it again. */
  crash(part: string): Promise<void>
}

/** The supervisor of this process. Without one the promises reject with 503. */
export function supervisorOf(channel: NodeJS.Process): Supervisor {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let next = 1
  channel.on('message', (message: Partial<Answer>) => {
    const asked = open.get(message.answer ?? 0)
    if (!asked) return
    open.delete(message.answer ?? 0)
    if (message.error) asked.reject(new HttpError(409, message.error))
    else asked.resolve(message.value)
  })
  const ask = (wish: Wish) => {
    const question = next++
    const answered = new Promise<unknown>((resolve, reject) => {
      if (!channel.send)
        return reject(new HttpError(503, 'The console runs alone: there is no local cloud around it.'))
      open.set(question, { resolve, reject })
      channel.send({ question, wish } satisfies Question)
    })
    return answerOf('The local cloud', answered).finally(() => open.delete(question))
  }
  return {
    parts: async () => (await ask({ ask: 'parts' })) as PartState[],
    disturb: async (part, how) => void (await ask({ ask: 'disturb', part, how })),
    crash: async (part) => void (await ask({ ask: 'crash', part })),
  }
}
