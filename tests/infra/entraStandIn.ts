/**
 * Loaded into the emulator's process: Entra's and Graph's addresses, which it has built in, lead to a server of the test
 * (`ENTRA_STAND_IN`, a port).
 */
import http, { type RequestOptions } from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'

const isEntra = (host: unknown) => /^(login\.microsoftonline|graph\.microsoft)\.com$/.test(String(host))
const port = process.env.ENTRA_STAND_IN

const { request } = https
https.request = ((options: RequestOptions, ...rest: []) =>
  isEntra(options?.host)
    ? http.request({ ...options, host: '127.0.0.1', port }, ...rest)
    : request(options, ...rest)) as typeof https.request
syncBuiltinESMExports()

const { fetch } = globalThis
globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  return isEntra(url.host) ? fetch(`http://127.0.0.1:${port}${url.pathname}`, init) : fetch(input, init)
}
