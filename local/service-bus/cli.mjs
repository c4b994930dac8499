#!/usr/bin/env node
/**
 * Starts a broker from the command line: `local-service-bus --port 5672 --config config.json`. It writes "Service Bus
 * accepts connections: …" once it does; SIGTERM and SIGINT stop it.
 *
 * Most of a start is compiling; the second one finds it done, in Node's compile cache. This file alone is read before the
 * cache is on, hence JavaScript: were it TypeScript, each start would load the compiler for it.
 */
import { enableCompileCache, flushCompileCache } from 'node:module'

enableCompileCache()
const { run } = await import('./run.ts')
await run()
flushCompileCache()
