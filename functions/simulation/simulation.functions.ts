import type { InvocationContext, Timer } from '@azure/functions'
import { config } from '../platform/config.ts'
import { inMessage, inTimer } from '../platform/telemetry/invocation.ts'
import { Step, scheduleOrders, scheduleWork, simulationQueue, take } from './simulate.ts'

/** Timer, once a minute: the virtual customer. */
export async function virtualCustomer(_timer: Timer, context: InvocationContext): Promise<void> {
  await inTimer(context, async () => {
    const orders = await scheduleOrders(new Date(), config().simulation.customerOrdersPerHour)
    if (orders) context.log(`Simulation: ${orders} orders to place`)
  })
}

/** Timer, once a minute: the virtual worker. */
export async function virtualWorker(_timer: Timer, context: InvocationContext): Promise<void> {
  await inTimer(context, async () => {
    const orders = await scheduleWork(new Date(), config().simulation.workerOrdersPerHour)
    if (orders) context.log(`Simulation: ${orders} orders to begin`)
  })
}

/** Queue trigger: what was scheduled is done when its time has come. What nobody understands is dropped. */
export async function simulate(message: unknown, context: InvocationContext): Promise<void> {
  const step = Step.safeParse(message)
  if (!step.success) {
    context.warn('Simulation: a message asks for nothing that it knows')
    return
  }
  // The message only says when: what a simulated customer does is a click of its own.
  const scheduled = { queue: simulationQueue(), traceparent: context.traceContext?.traceParent, joins: false }
  await inMessage(scheduled, context, async () => {
    const done = await take(step.data)
    context.log(`Simulation: ${done}`)
  })
}
