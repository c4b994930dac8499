/**
 * Sends a process's connections to the host names of Azure to the front of the rehearsal, and makes it trust the front's
 * certificate. Any other host but this machine does not exist then: a name that is misspelt fails as it would in Azure,
 * and nothing leaves the machine.
 */
import { readFileSync } from 'node:fs'
import net, { type LookupFunction } from 'node:net'
import tls from 'node:tls'

export interface Route {
  /** The local port for each port of Azure: 443, 5671. */
  readonly ports: Readonly<Record<string, number>>
  readonly hosts: readonly string[]
  /** File of the certificate, PEM. */
  readonly certificate: string
}

interface Target {
  host?: string
  port?: number | string
  path?: string
  lookup?: LookupFunction
}

const thisMachine = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/

/**
 * Begins to send connections there.
 * @param onUnknown is told of hosts that there are not, and of ports of those that there are
 * @returns what ends it
 */
export function redirectToFront(
  route: Route,
  onUnknown: (host: string, port?: number) => void = () => {},
): () => void {
  const trusted = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...trusted, readFileSync(route.certificate, 'utf8')])
  const hosts = new Set(route.hosts)

  function redirect<T extends Target>(target: T): T {
    const host = (target.host ?? 'localhost').toLowerCase()
    if (target.path || thisMachine.test(host)) return target
    const port = hosts.has(host) ? route.ports[String(target.port)] : undefined
    if (port !== undefined) return { ...target, host: '127.0.0.1', port }
    onUnknown(host, hosts.has(host) ? Number(target.port) : undefined)
    // An address is not looked up; a name is.
    return { ...target, host: `${host}${net.isIP(host) ? '.address' : ''}`, lookup: notFound }
  }

  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    const [first, second] = args
    // What `net.connect` has made of its arguments already is a list.
    if (Array.isArray(first)) first[0] = redirect(first[0])
    else if (typeof first === 'object' && first !== null) args[0] = redirect(first)
    else if (typeof second === 'string') args.splice(0, 2, redirect({ port: first as number, host: second }))
    return connect.apply(this, args as unknown as Parameters<typeof connect>)
  } as typeof connect

  return () => {
    net.Socket.prototype.connect = connect
    tls.setDefaultCACertificates(trusted)
  }
}

/** As the system answers for a host that does not exist. */
const notFound: LookupFunction = (hostname, _options, callback) => {
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname,
  })
  callback(error, '', 4)
}
