import { randomBytes } from 'node:crypto'

/** Resource ids: 4 bytes of a database, 4 more of a container, 8 more of a document; base64 with `-` for `/`. */
export type Rid = string

const encode = (bytes: Uint8Array): Rid => Buffer.from(bytes).toString('base64').replaceAll('/', '-')
const decode = (rid: Rid) => Buffer.from(rid.replaceAll('-', '/'), 'base64')

/** Random, so that what a client remembers of a deleted database never fits a new one. */
export const newDatabaseRid = (): Rid => encode(randomBytes(4))

/** The highest bit says that it is a container; SDKs look at it. */
export function newContainerRid(database: Rid): Rid {
  const own = randomBytes(4)
  own[0] = (own[0] as number) | 0x80
  return encode(Buffer.concat([decode(database), own]))
}

export function documentRid(container: Rid, number: number): Rid {
  const own = Buffer.alloc(8)
  // The last byte tells documents (0) from the other things in a container.
  own.writeUIntLE(number, 0, 6)
  return encode(Buffer.concat([decode(container), own]))
}
