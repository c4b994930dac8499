/** What the tests take from `cluster.js`. */
export function chartValues(
  made: object,
  built: { registry: string; tag: string; tenantId?: string },
): Record<string, object>
