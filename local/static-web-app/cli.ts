/**
 * One Static Web App: the emulator of the Static Web Apps CLI, with a sign-in page of our own, and with a guard (`guard.ts`),
 * since one odd request ends it. The emulator's own page takes its scripts and styles from a content network, so that
 * without one nobody could sign in. Settings come from the environment, as the emulator has them (`SWA_CLI_PORT`, …).
 */
import { subscribe } from 'node:diagnostics_channel'
import http, { type IncomingMessage } from 'node:http'
import { createRequire, registerHooks } from 'node:module'
import { guardProxies, guardServers } from './guard.ts'

const emulator = '@azure/static-web-apps-cli/dist/msha'

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    if (!found.url.endsWith(`${emulator}/auth/routes/auth-login-provider.js`)) return found
    return {
      url: new URL('./signIn.ts', import.meta.url).href,
      format: 'module-typescript',
      shortCircuit: true,
    }
  },
})

// The emulator gives every file one and the same entity tag, so that a browser would keep what is built anew. Without
// the tag in the question, the time of the file decides.
subscribe('http.server.request.start', (message) => {
  const { headers } = (message as { request: IncomingMessage }).request
  if (headers['if-none-match']?.includes('SWA-CLI-ETAG')) delete headers['if-none-match']
})

// For each line that it does not log, some dozens a request, the emulator copies the environment. Of the process's own,
// which asks the system for every variable, that took four fifths of the time of an answer.
process.env = { ...process.env }

const emulatorUrl = new URL(`../../node_modules/${emulator}/server.js`, import.meta.url)
guardServers(http, /^http/.test(process.env.SWA_CLI_OUTPUT_LOCATION ?? ''))
guardProxies(createRequire(emulatorUrl)('http-proxy'))

await import(emulatorUrl.href)
