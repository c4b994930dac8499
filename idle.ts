import { ServiceBusClient } from '@azure/service-bus'
import { startServiceBus } from './local/service-bus/index.ts'
const bus = await startServiceBus({ port: 0, config: {UserConfig:{Namespaces:[{Queues:[{Name:'q'}]}]}} })
const c = new ServiceBusClient(bus.connectionString, {retryOptions: {maxRetries: 0}})
const s = c.createSender('q'); await s.sendMessages({body:1})
const got: unknown[] = []
c.createReceiver('q').subscribe({processMessage: async m => void got.push(m.body), processError: async e => console.log('ERR', e.error.message)})
await new Promise(r => setTimeout(r, 200_000))
await s.sendMessages({body:2}); await new Promise(r => setTimeout(r, 500))
console.log('idle ok', got, performance.now())
await c.close(); await bus.close()
