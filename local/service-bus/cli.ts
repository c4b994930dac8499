#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { startServiceBus } from './index.ts'

const usage = `Usage: local-service-bus [--port 5672] [--host ADDRESS] [--config FILE] [--data-dir DIR]

  --port      TCP port for AMQP (default 5672; 0 takes a free one)
  --host      address to listen on (default: the loopback addresses)
  --config    entities, in the JSON format of Microsoft's Service Bus emulator
  --data-dir  where messages are kept (default: in memory only)`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '5672' },
    host: { type: 'string' },
    config: { type: 'string' },
    'data-dir': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

if (values.help) {
  console.log(usage)
} else {
  try {
    const bus = await startServiceBus({
      port: Number(values.port),
      ...(values.host !== undefined && { host: values.host }),
      ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
      ...(values.config !== undefined && { config: JSON.parse(await readFile(values.config, 'utf8')) }),
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bus.close())
    console.log(`Service Bus accepts connections: ${bus.connectionString}`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
