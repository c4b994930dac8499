import type { Duplex } from 'node:stream'

/** How long a connection may take to show what it speaks. */
const firstByteTimeout = 30_000

/** What a connection begins with that speaks TLS (the content type of a handshake), or asks over HTTP (`GET`). */
export const firstByte = { tlsHandshake: 0x16, get: 0x47 } as const

/** Looks at the first byte of a stream without taking it. Ends a stream on which none comes. */
export function peek(stream: Duplex, then: (byte: number | undefined) => void): void {
  const giveUp = () => stream.destroy()
  const timer = setTimeout(giveUp, firstByteTimeout)
  stream.once('close', () => clearTimeout(timer))
  stream.on('error', giveUp)
  stream.once('data', (chunk: Buffer) => {
    clearTimeout(timer)
    stream.pause()
    stream.off('error', giveUp)
    stream.unshift(chunk)
    then(chunk[0])
    process.nextTick(() => stream.resume())
  })
}
