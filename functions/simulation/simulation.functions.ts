import type { InvocationContext, Timer } from '@azure/functions'
import { config } from '../platform/config.ts'
import type { Outcome } from './pace.ts'
import { placeOrdersOfTick, workOneTick } from './simulate.ts'

/** Timer, once a minute: the virtual customer. */
export async function virtualCustomer(_timer: Timer, context: InvocationContext): Promise<void> {
  const placed = await placeOrdersOfTick(new Date(), config().simulation.customerOrdersPerHour)
  report(context, 'placed', placed)
}

/** Timer, once a minute: the virtual worker. */
export async function virtualWorker(_timer: Timer, context: InvocationContext): Promise<void> {
  const { made, begun } = await workOneTick(new Date(), config().simulation.workerOrdersPerHour)
  report(context, 'made', made)
  report(context, 'begun', begun)
}

/** A failure is logged and nothing more: an order that was not taken on waits, a sale that was missed is no loss. */
function report(context: InvocationContext, what: string, { done, failed }: Outcome) {
  if (done) context.log(`Simulation: ${done} orders ${what}`)
  if (failed.length) {
    const [first] = failed as Error[]
    context.warn(`Simulation: ${failed.length} orders not ${what}: ${first?.message}`, first?.cause)
  }
}
