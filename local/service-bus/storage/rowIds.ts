/** Sequence numbers of one queue fit in 40 bits; above them stands the number of the queue. */
export const queueFactor = 2 ** 40
