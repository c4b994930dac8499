#!/usr/bin/env node
/**
 * Starts a server from the command line: `local-cosmos --port 8081 --data-dir .local/cosmos`. It writes "Cosmos DB is
 * ready on …" once it serves; SIGTERM and SIGINT stop it.
 *
 * Most of a start is compiling; the second one finds it done, in Node's compile cache. This file alone is read before the
 * cache is on, hence JavaScript: were it TypeScript, each start would load the compiler for it.
 */
import { enableCompileCache, flushCompileCache } from 'node:module'

enableCompileCache()
const { run } = await import('./run.ts')
await run()
flushCompileCache()
