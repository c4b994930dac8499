/** "For ever", as the service writes it. */
export const forever = 'P10675199DT2H48M5.4775807S'

/** An ISO 8601 duration of days, hours, minutes and seconds. */
export function isoDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return forever
  const seconds = milliseconds / 1000
  const days = Math.floor(seconds / 86_400)
  const time = [
    [Math.floor((seconds % 86_400) / 3600), 'H'],
    [Math.floor((seconds % 3600) / 60), 'M'],
    [seconds % 60, 'S'],
  ] as const
  const parts = time.filter(([n]) => n > 0).map(([n, unit]) => `${n}${unit}`)
  return `P${days > 0 ? `${days}D` : ''}${parts.length > 0 ? `T${parts.join('')}` : days > 0 ? '' : 'T0S'}`
}
