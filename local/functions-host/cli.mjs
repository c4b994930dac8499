#!/usr/bin/env node
/**
 * Starts a host from the command line: `local-functions-host --app-root . --port 7071` (README.md). JavaScript, because it
 * is read before the compile cache is on: were it TypeScript, each start would load the compiler for it.
 */
import { enableCompileCache, flushCompileCache } from 'node:module'

enableCompileCache()
const { run } = await import('./run.ts')
await run()
flushCompileCache()
