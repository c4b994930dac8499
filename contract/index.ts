/** The wire contract: each shape that crosses HTTP or the queue, written once, as a zod schema with its type. */
export * from './health.ts'
export * from './limits.ts'
export * from './order.ts'
export * from './problem.ts'
export * from './product.ts'
export * from './status.ts'
