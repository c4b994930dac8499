/**
 * One Static Web App: the emulator of the Static Web Apps CLI, with a sign-in page of our own. The emulator's takes its
 * scripts and styles from a content network, so that without one nobody could sign in. Settings come from the
 * environment, as the emulator has them (`SWA_CLI_PORT`, `SWA_CLI_OUTPUT_LOCATION`, …).
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { registerHooks } from 'node:module'

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

// The emulator's proxy ends its call to the API when the request is "aborted", an event that Node no longer sends for a
// request that has come whole: tell it when the browser hangs up before the answer is out.
subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
  response.once('close', () => response.writableFinished || request.emit('aborted'))
})

await import(new URL(`../../node_modules/${emulator}/server.js`, import.meta.url).href)
