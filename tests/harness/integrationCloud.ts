/** The local cloud that all integration tests share: storage, Cosmos, Service Bus and the Functions host. */
import { shareCloud } from './sharedCloud.ts'

export default shareCloud(['host', 'service-bus', 'cosmos', 'blob'])
