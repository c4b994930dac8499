/** The middle one of some measurements (the upper one of two); of none there is no telling: NaN. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
