/** JSON with what JSON lacks: bigints, dates, bytes, infinity and NaN. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, replaced) {
    const original = this[key]
    if (typeof original === 'bigint') return { $: 'bigint', value: String(original) }
    if (original === Number.POSITIVE_INFINITY) return { $: 'infinity' }
    if (typeof original === 'number' && !Number.isFinite(original))
      return { $: 'number', value: String(original) }
    if (original instanceof Date) return { $: 'date', value: original.getTime() }
    if (original instanceof Uint8Array) return { $: 'bytes', value: Buffer.from(original).toString('base64') }
    return replaced
  })
}

/** Reads what `toJson` wrote. */
export function fromJson(json: string): unknown {
  return JSON.parse(json, (_key, value) => {
    switch (value?.$) {
      case 'bigint':
        return BigInt(value.value)
      case 'infinity':
        return Number.POSITIVE_INFINITY
      case 'number':
        return Number(value.value)
      case 'date':
        return new Date(value.value)
      case 'bytes':
        return new Uint8Array(Buffer.from(value.value, 'base64'))
      default:
        return value
    }
  })
}
