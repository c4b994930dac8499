/** What is said of something that was asked for and is not there. */
import type { Refused } from './rights.ts'

/** @param others what the template has of its kind: if it is among them, somebody deleted it */
export function absent(name: string, others: readonly string[]): Pick<Refused, 'fault' | 'reason'> {
  const isOfTemplate = others.some((one) => one.toLowerCase() === name.toLowerCase())
  return isOfTemplate
    ? { fault: 'deleted', reason: `${name} was deleted` }
    : { fault: 'missing', reason: `there is no ${name}; the template has ${others.join(', ')}` }
}
