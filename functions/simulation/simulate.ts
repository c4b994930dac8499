/**
 * The simulated customer and employee at work, through the same use cases that people's requests go through. Nobody
 * waits inside a function, which would be paid for: what is to happen later is a scheduled message.
 */
import * as z from 'zod'
import { oldestPending } from '../orders/findOrders.ts'
import { moveOrder } from '../orders/moveOrder.ts'
import { placeOrder } from '../orders/placeOrder.ts'
import { config } from '../platform/config.ts'
import { ProblemError } from '../platform/problem.ts'
import { send } from '../platform/serviceBus.ts'
import { allProducts } from '../products/catalogue.ts'
import { eventsOfTick } from './schedule.ts'
import { basketOf } from './virtualCustomer.ts'
import { secondsToMake } from './virtualWorker.ts'

/** What a message of the simulation's queue asks for. */
export const Step = z.discriminatedUnion('step', [
  z.object({ step: z.literal('place'), number: z.int(), perHour: z.number() }),
  z.object({ step: z.literal('begin'), orderId: z.string() }),
  z.object({ step: z.literal('finish'), orderId: z.string() }),
])
export type Step = z.infer<typeof Step>

/** The queue of what is to happen, beside that of the orders. */
export const simulationQueue = (): string => `${config().ordersQueue}-simulation`

/** How long, in milliseconds, a sale or the begin of an order is worth being made up for, once its time is over. */
const patience = 10 * 60_000

/** Messages in one send, well below the 256 KB that the broker takes. */
const batchSize = 100

/** Milliseconds until an order that could not be finished is tried again. */
const later = 60_000

/**
 * Schedules the orders of one minute. A tick that comes twice schedules them twice, and they are placed once.
 * @returns how many.
 */
export async function scheduleOrders(now: Date, perHour: number): Promise<number> {
  const events = eventsOfTick(now, perHour)
  await schedule(events.map(({ number, at }) => ({ step: { step: 'place', number, perHour }, at })))
  return events.length
}

/**
 * Schedules the work of one minute: as many of the orders that wait, the oldest first, as the rate has.
 * @returns how many.
 */
export async function scheduleWork(now: Date, perHour: number): Promise<number> {
  const events = eventsOfTick(now, perHour)
  const waiting = events.length ? await oldestPending(events.length) : []
  await schedule(
    waiting.map(({ id }, place) => ({
      step: { step: 'begin', orderId: id },
      at: events[place]?.at ?? now.getTime(),
    })),
  )
  return waiting.length
}

async function schedule(steps: { step: Step; at: number }[]): Promise<void> {
  const messages = steps.map(({ step, at }) => ({
    body: step,
    contentType: 'application/json',
    scheduledEnqueueTimeUtc: new Date(at),
    ...(step.step !== 'finish' && { timeToLive: patience }),
  }))
  for (let at = 0; at < messages.length; at += batchSize)
    await send(simulationQueue(), messages.slice(at, at + batchSize))
}

/**
 * Does what a message asks for; a second time it changes nothing.
 * @returns what was done, for the log.
 * @throws {ProblemError} 503 when a dependency does not answer and the message is to come again.
 */
export async function take(step: Step): Promise<string> {
  switch (step.step) {
    case 'place':
      return await place(step)
    case 'begin':
      return await begin(step.orderId)
    case 'finish':
      return await finish(step.orderId)
  }
}

/** The number of the event is the idempotency key. */
async function place({ number, perHour }: { number: number; perHour: number }): Promise<string> {
  const productIds = (await allProducts()).map(({ id }) => id)
  if (!productIds.length) return 'there is nothing to buy'
  const basket = basketOf(number, productIds)
  const { order } = await placeOrder(basket, {
    room: 'simulation',
    customerId: basket.customerId,
    key: `${perHour}-${number}`,
  })
  return `order ${order.id} placed`
}

async function begin(orderId: string): Promise<string> {
  try {
    const { order } = await moveOrder(orderId, 'processing')
    await schedule([{ step: { step: 'finish', orderId }, at: Date.now() + secondsToMake(order) * 1000 }])
    return `order ${orderId} begun`
  } catch (error) {
    // Its customer, or an employee, was faster.
    if (error instanceof ProblemError && error.status < 500) return `order ${orderId} left alone`
    throw error
  }
}

/** An order that was begun must end: while the database is away it is tried again, as often as it takes. */
async function finish(orderId: string): Promise<string> {
  try {
    await moveOrder(orderId, 'complete')
    return `order ${orderId} made`
  } catch (error) {
    if (error instanceof ProblemError && error.status < 500) return `order ${orderId} left alone`
    await schedule([{ step: { step: 'finish', orderId }, at: Date.now() + later }])
    return `order ${orderId} not made yet: ${(error as Error).message}`
  }
}
