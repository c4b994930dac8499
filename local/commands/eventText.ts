/** What the commands show of the local cloud's events. */
import type { LocalCloudEvent } from '../cloud/cloud.ts'

export const readyText = ({ title, url, seconds }: Extract<LocalCloudEvent, { type: 'ready' }>) =>
  `  ✓ ${title.padEnd(34)}${url.padEnd(28)}${seconds.toFixed(1)} s`

/** Why a part ended, with its last output, and what comes of it. `isKept`: its data is in a folder. */
export function endText(
  { part, error, seconds }: Extract<LocalCloudEvent, { type: 'ended' }>,
  isKept = false,
): string {
  const again = seconds ? `It is started again in ${seconds} s` : 'It is started again'
  const holds = ['cosmos', 'blob', 'service-bus'].includes(part)
  const lost = holds && !isKept ? '; what it held in memory only is gone' : ''
  return `\n${error.message}\n${again}${lost}.`
}
