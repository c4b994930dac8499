/**
 * What stands between a caller and the emulator, and between the emulator and the API. It works within the emulator's
 * process, on the two functions by which that makes its server and its proxies: another proxy in front could refuse odd
 * requests too, but it could not see that an answer of the API was lost, since the emulator makes an empty 200 of it.
 */
import type {
  ClientRequest,
  createServer,
  IncomingMessage,
  RequestListener,
  Server,
  ServerResponse,
} from 'node:http'
import { parse } from 'node:url'
import { withoutForgedSignIn } from './signInCookie.ts'
import { withWayBack } from './wayBack.ts'

type Http = { createServer: typeof createServer }

/** As much of `http-proxy` as the emulator and this file use. */
interface Proxy {
  web(request: IncomingMessage, response: ServerResponse, options: object, onError?: unknown): void
  on(
    event: 'proxyReq',
    listener: (sent: ClientRequest, request: IncomingMessage, response: ServerResponse) => void,
  ): void
  on(
    event: 'proxyRes',
    listener: (answer: IncomingMessage, request: IncomingMessage, response: ServerResponse) => void,
  ): void
  once(event: string, listener: (subject: unknown) => void): unknown
}

/** Bytes of a request's headers, as the Functions host takes them: Node's own 16 KB are too few for some cookies. */
const maxHeaderSize = 32 * 1024

/** What only the platform may say of a request; whatever a caller says of it is dropped. */
const platformHeaders = /^x-ms-(client-principal|original-url)/

/**
 * Makes every server that `http` creates from now on refuse with 400 what the emulator would stumble over, and outlive
 * what it stumbles over all the same.
 * @param mayUpgrade whether the requests are for a development server, which takes WebSockets.
 */
export function guardServers(http: Http, mayUpgrade: boolean): void {
  const create = http.createServer.bind(http) as (options: object, listener: RequestListener) => Server
  http.createServer = ((listener: (...args: Parameters<RequestListener>) => Promise<void>) =>
    create(
      {
        maxHeaderSize,
        shouldUpgradeCallback: (request: IncomingMessage) => mayUpgrade && !faultOf(request),
      },
      (request, response) => {
        const fault = faultOf(request)
        if (fault) return refuse(response, 400, fault)
        admit(request)
        listener(request, response).catch((error: Error) => {
          console.error(error)
          refuse(response, 500, 'The Static Web Apps emulator failed.')
        })
      },
    )) as Http['createServer']
}

/**
 * Makes every proxy of the emulator tell the truth of an answer that does not come (502) or breaks off (the connection
 * ends), and end its own request when the caller hangs up.
 */
export function guardProxies(httpProxy: { createProxyServer(options: object): Proxy }): void {
  const create = httpProxy.createProxyServer.bind(httpProxy)
  httpProxy.createProxyServer = (options) => {
    const proxy = create(options)
    const web = proxy.web.bind(proxy)
    const own = ownListeners(proxy)
    proxy.web = (request, response, target) => {
      own.begin(request)
      web(request, response, target, (error: Error) => {
        console.error(`${request.method} ${request.url}: ${error.message}`)
        refuse(response, 502, noAnswer)
      })
    }
    proxy.on('proxyReq', (sent, request, response) => {
      own.tell('proxyReq', request, sent)
      response.once('close', () => response.writableFinished || sent.destroy())
      // Nobody asked for another protocol: what comes after is no answer.
      sent.once('upgrade', (_answer, socket) => {
        socket.destroy()
        refuse(response, 502, noAnswer)
      })
    })
    proxy.on('proxyRes', (answer, request, response) => {
      own.tell('proxyRes', request, answer)
      answer.once('close', () => answer.complete || response.destroy())
      // Words beside the number are nobody's business since HTTP/2, and may be such as cannot be sent.
      answer.statusMessage = ''
      if (!isStatus(answer.statusCode) || !canRead(answer.headers.location)) refuse(response, 502, noAnswer)
    })
    return proxy
  }
}

/**
 * Right after it has handed over a request the emulator waits for the proxy's next event, to add who is signed in: of
 * requests that come in one packet the first event is for all, and the others would be nobody's. So each waits for its own.
 */
function ownListeners(proxy: Proxy) {
  const waiting = new WeakMap<IncomingMessage, { event: string; listener: (subject: unknown) => void }[]>()
  let latest: IncomingMessage | undefined
  proxy.once = (event, listener) => {
    if (latest) waiting.get(latest)?.push({ event, listener })
    return proxy
  }
  return {
    begin(request: IncomingMessage) {
      latest = request
      waiting.set(request, [])
    },
    tell(event: string, request: IncomingMessage, subject: unknown) {
      for (const one of waiting.get(request) ?? []) if (one.event === event) one.listener(subject)
    },
  }
}

const noAnswer = 'The server behind this address did not answer.'

/** Whether a number can be the status of an answer: Node sends no other, and ends over one that it is to send. */
const isStatus = (status = 0) => status >= 200 && status <= 999

/** Whether the proxy can read where an answer leads, which it does by this function, and ends over what it cannot read. */
function canRead(location = ''): boolean {
  try {
    return Boolean(parse(location))
  } catch {
    return false
  }
}

/** What is wrong with a request before anything is looked up; undefined when nothing is. */
export function faultOf({ url = '', headers: { host = 'localhost' } }: IncomingMessage): string | undefined {
  if (!isHost(host)) return 'The Host header names no host.'
  // A request to a proxy has the whole address.
  const path = URL.canParse(url) ? url.replace(/^https?:\/\/[^/]+/i, '') : url
  if (!/^\/(?![/\\])/.test(path) || !URL.canParse(path, 'http://localhost'))
    return 'The address is no path of this site.'
  try {
    if (decodeURIComponent(path.split('?', 1)[0] ?? '').includes('\0')) throw new URIError()
  } catch {
    return 'The path has an escape that stands for nothing.'
  }
  if (withWayBack(path, host) === null) return 'The page to go back to is none of this site.'
  return undefined
}

/** A name or an address, and a port: nothing that the address of a page would not read as its host. */
function isHost(host: string): boolean {
  if (!URL.canParse(`http://${host}`) || /[/?#@\\\s]/.test(host)) return false
  return true
}

/** Takes away what a caller must not say and the emulator cannot take. */
function admit(request: IncomingMessage): void {
  const { headers } = request
  if (URL.canParse(request.url ?? '')) request.url = request.url?.replace(/^https?:\/\/[^/]+/i, '')
  headers.host ??= 'localhost'
  request.url = withWayBack(request.url ?? '/', headers.host) ?? '/'
  for (const name of Object.keys(headers)) if (platformHeaders.test(name)) delete headers[name]
  // Node has answered it, and the emulator adds nobody's sign-in to a request that has it.
  delete headers.expect
  if (headers.cookie !== undefined) headers.cookie = withoutForgedSignIn(headers.cookie)
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  // What still comes for it, of an answer that turned out to be none, is too late and harms nobody.
  response.on('error', () => {})
  if (response.headersSent) return void response.destroy()
  const title = { 400: 'Bad Request', 500: 'Internal Server Error', 502: 'Bad Gateway' }[status]
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.writeHead(status, { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' })
  response.end(JSON.stringify({ type: 'about:blank', title, status, detail }))
}
