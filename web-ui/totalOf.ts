/** What lines of goods cost together; counted in cents, so that it is exact. */
export const totalOf = (lines: readonly { price: number; quantity: number }[]) =>
  lines.reduce((cents, { price, quantity }) => cents + Math.round(price * 100) * quantity, 0) / 100
