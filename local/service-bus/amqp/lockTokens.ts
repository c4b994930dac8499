/** Lock tokens: UUIDs, which AMQP carries in two orders of bytes. */

/** The delivery tag of a lock token: its sixteen bytes in the order of a .NET GUID. */
export function tagOf(token: string): Buffer {
  const b = uuidBytes(token)
  const tag = Buffer.from(b)
  for (const [to, from] of [
    [0, 3],
    [1, 2],
    [2, 1],
    [3, 0],
    [4, 5],
    [5, 4],
    [6, 7],
    [7, 6],
  ] as const) {
    tag[to] = b[from] as number
  }
  return tag
}

/** The bytes of a UUID in the order of its text (RFC 9562). */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

/** The text of a UUID's sixteen bytes. */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
