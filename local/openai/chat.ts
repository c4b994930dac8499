/** Chat completions as OpenAI's API has them: whole, or streamed a word at a time. */
import type { ServerResponse } from 'node:http'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type { Subject } from './answerText.ts'
import type { FailureKind } from './failures.ts'

export interface ChatRequest {
  model?: string
  messages: { role: string; content: string }[]
  stream?: boolean
  stream_options?: { include_usage?: boolean }
}

/** What a conversation is about. */
export function describe({ messages }: ChatRequest): Subject {
  const text = messages.at(-1)?.content ?? ''
  try {
    return { text, ...(JSON.parse(text) as { name?: string; keywords?: string[] }) }
  } catch {
    return { text }
  }
}

const envelope = (chat: ChatRequest, object: string) => ({
  id: 'chatcmpl-stand-in',
  object,
  created: 0,
  model: chat.model ?? 'stand-in',
})

/** Counts words where a model counts tokens. */
function usageOf(chat: ChatRequest, text: string) {
  const words = (text: string) => text.split(/\s+/).filter(Boolean).length
  const prompt_tokens = chat.messages.reduce((sum, { content }) => sum + words(content), 0)
  const completion_tokens = words(text)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

/** The answer in one piece. */
export const wholeChat = (chat: ChatRequest, text: string) => ({
  ...envelope(chat, 'chat.completion'),
  choices: [
    { index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' },
  ],
  usage: usageOf(chat, text),
})

/** Sends the answer as events, `pace` milliseconds between words; stops when the client is gone. */
export async function streamChat(
  response: ServerResponse,
  chat: ChatRequest,
  text: string,
  { pace, failure }: { pace: number; failure: FailureKind | undefined },
) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const base = envelope(chat, 'chat.completion.chunk')
  const send = (data: unknown) => response.write(`data: ${JSON.stringify(data)}\n\n`)
  const choice = (delta: object, finish_reason: string | null = null) =>
    send({ ...base, choices: [{ index: 0, delta, finish_reason }] })

  choice({ role: 'assistant', content: '' })
  const words = text.match(/\S+\s*/g) ?? []
  const end = ['stall', 'break-off', 'refuse-midway'].includes(failure ?? '') ? 4 : words.length
  for (const word of words.slice(0, end)) {
    if (response.destroyed) return
    choice(failure === 'decline' ? { refusal: word } : { content: word })
    await (pace ? delay(pace) : turn())
  }
  if (failure === 'stall') return
  if (failure === 'break-off') return void response.socket?.destroySoon()
  choice({}, failure === 'refuse-midway' ? 'content_filter' : 'stop')
  if (chat.stream_options?.include_usage) send({ ...base, choices: [], usage: usageOf(chat, text) })
  response.end('data: [DONE]\n\n')
}
