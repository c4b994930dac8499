/** What the commands show of the local cloud's events. */
import type { LocalCloudEvent } from './cloud.ts'

export const readyText = ({ title, url, seconds }: Extract<LocalCloudEvent, { type: 'ready' }>) =>
  `  ✓ ${title.padEnd(34)}${url.padEnd(28)}${seconds.toFixed(1)} s`

/** Why a part ended, with its last output, and what comes of it. */
export function endText({ part, error, seconds }: Extract<LocalCloudEvent, { type: 'ended' }>): string {
  const again = seconds ? `It is started again in ${seconds} s` : 'It is started again'
  const lost = ['cosmos', 'blob', 'service-bus'].includes(part) ? '; what it held in memory only is gone' : ''
  return `\n${error.message}\n${again}${lost}.`
}
