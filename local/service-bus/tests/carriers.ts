import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { connect, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus'
import { WebSocket } from 'ws'

/** What carries AMQP to a broker with `tls`; WebSockets go over TLS, as those of the SDKs do. */
export const carriers = ['TCP', 'TLS', 'WebSockets'] as const
export type Carrier = (typeof carriers)[number]

const host = '127.0.0.1'

/** Asks for AMQP over a WebSocket, as clients do. */
export const upgradeRequest = [
  'GET /$servicebus/websocket HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: AMQPWSB10',
  '\r\n',
].join('\r\n')

/** A connection to the port that does not look at the certificate, and what wraps the bytes that are written to it. */
export async function openSocket(
  carrier: Carrier,
  port: number,
): Promise<{ readonly socket: Socket; wrap(bytes: Buffer): Buffer }> {
  const isPlain = carrier === 'TCP'
  const socket = isPlain ? createConnection(port, host) : connect({ host, port, rejectUnauthorized: false })
  await once(socket, isPlain ? 'connect' : 'secureConnect')
  if (carrier !== 'WebSockets') return { socket, wrap: (bytes) => bytes }
  socket.write(upgradeRequest)
  await once(socket, 'data')
  return { socket, wrap: webSocketMessage }
}

/** One binary message with a mask that changes nothing (RFC 6455, 5.2). */
export function webSocketMessage(bytes: Buffer): Buffer {
  const header = Buffer.alloc(14)
  header[0] = 0x82
  header[1] = 0xff
  header.writeBigUInt64BE(BigInt(bytes.length), 2)
  return Buffer.concat([header, bytes])
}

/** A client of the SDK over this carrier, which trusts the certificate in a file. */
export async function connectOver(
  carrier: Carrier,
  { connectionString, port }: { readonly connectionString: string; readonly port: number },
  certificate: string,
  options: ServiceBusClientOptions,
): Promise<ServiceBusClient> {
  if (carrier === 'TCP') return new ServiceBusClient(connectionString, options)
  const ca = await readFile(certificate, 'utf8')
  if (carrier === 'WebSockets') {
    const webSocketOptions = { webSocket: WebSocket, webSocketConstructorOptions: { ca } }
    return new ServiceBusClient(connectionString, { ...options, webSocketOptions })
  }
  // The SDK takes no certificate for AMQP over TLS: it trusts what the process trusts.
  const trusted = getCACertificates('default')
  if (!trusted.includes(ca)) setDefaultCACertificates([...trusted, ca])
  return new ServiceBusClient(connectionString.replace('UseDevelopmentEmulator=true;', ''), {
    ...options,
    customEndpointAddress: `sb://localhost:${port}`,
  })
}
