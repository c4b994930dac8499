import type { OrderState } from '@store/contract/status'

/** A colour of the design tokens that says how things stand. */
export type Tone = 'ink-soft' | 'warn' | 'sea' | 'good' | 'bad'

/** How the states of an order are called and coloured, wherever they are shown. */
export const states: Record<OrderState, { word: string; tone: Tone }> = {
  placed: { word: 'Placed', tone: 'ink-soft' },
  pending: { word: 'Pending', tone: 'warn' },
  processing: { word: 'Processing', tone: 'sea' },
  complete: { word: 'Complete', tone: 'good' },
  cancelled: { word: 'Cancelled', tone: 'bad' },
}
