/** The longest that `setTimeout` waits, in milliseconds: it holds 31 bits, and takes more for one. */
export const longestTimeout = 2 ** 31 - 1
