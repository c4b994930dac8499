#!/usr/bin/env node
/**
 * Starts a host from the command line: `local-functions-host --app-root . --port 7071`. It prints the app's functions
 * and, once it serves, the line `Functions host listening on http://localhost:PORT`. SIGTERM, SIGINT, the message
 * `stop` of a parent process, or the end of that parent stop it gracefully. With `--watch` the app is loaded again
 * whenever its files change.
 *
 * Most of a start is compiling: the host's TypeScript, and the app. The second start finds it done, in Node's compile
 * cache. This file alone is read before the cache is on, hence JavaScript: were it TypeScript, each start would load
 * the compiler for it, which takes longer than all else that the host does.
 */
import { enableCompileCache, flushCompileCache } from 'node:module'

enableCompileCache()
const { run } = await import('./run.ts')
await run()
flushCompileCache()
