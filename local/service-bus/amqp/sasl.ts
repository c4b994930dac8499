import type { Connection, Container } from './rhea.ts'

/** A mechanism on the server's side, as rhea runs it. */
interface Mechanism {
  outcome: boolean | undefined
  username: string | undefined
  start(response: Buffer | null | undefined): Promise<void> | void
}

/** Lets a client in that proves later, by `$cbs`, what it may do. */
function open(): Mechanism {
  return {
    outcome: undefined,
    username: undefined,
    start() {
      this.outcome = true
      this.username = 'anonymous'
    },
  }
}

/** The response of PLAIN (RFC 4616): authorization identity, name and password, with zeros between them. */
function plain(authenticate: (name: string, password: string) => Promise<boolean>): Mechanism {
  return {
    outcome: undefined,
    username: undefined,
    async start(response) {
      const [, name = '', password = ''] = Buffer.from(response ?? '')
        .toString('utf8')
        .split('\0')
      this.outcome = await authenticate(name, password)
      this.username = name
    },
  }
}

/**
 * Offers a connection what the service offers: MSSBCBS (which .NET and Java want; the name of claims-based security),
 * PLAIN with the name of a key and the key, and ANONYMOUS.
 */
export function offerMechanisms(
  connection: Connection & { container?: Container },
  container: Container,
  authenticate: (name: string, password: string) => Promise<boolean>,
): void {
  const mechanisms = { MSSBCBS: open, PLAIN: () => plain(authenticate), ANONYMOUS: open }
  // rhea takes them from the container; here each connection has its own.
  connection.container = Object.create(container, {
    sasl_server_mechanisms: { value: mechanisms },
  }) as Container
}
