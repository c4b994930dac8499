/**
 * The program of the stand-in for the models: `node local/openai/cli.ts --port 11435 [--pace MS] [--key KEY]`. It prints
 * one line once it accepts connections. `POST /stand-in/failures` with `{"kind": "rate-limit", "times": 2}` makes the
 * next calls fail; `GET /stand-in/calls` lists what was called.
 */
import { parseArgs } from 'node:util'
import { startStandIn } from './index.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    pace: { type: 'string', default: '40' },
    key: { type: 'string' },
  },
})

const standIn = await startStandIn({
  port: Number(values.port),
  pace: Number(values.pace),
  ...(values.key ? { key: values.key } : {}),
})
console.log(`The stand-in for the models is ready on ${standIn.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void standIn.close().then(() => process.exit(0)))
}
