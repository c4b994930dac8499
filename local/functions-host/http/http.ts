/**
 * `node:http`, not imported: an import reads all that a module has, and WebSocket in it loads undici, which takes 25 ms of
 * the processor at each start.
 */
export const http = process.getBuiltinModule('node:http')
