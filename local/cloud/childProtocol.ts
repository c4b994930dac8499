/** What a part of the local cloud and its supervisor tell each other. */

/** What a part tells its supervisor: it now accepts connections on this port. */
export interface Listening {
  listening: number
}

/** What the supervisor sends to have something go wrong in a part, in that part's own words; `{}`: nothing. */
export interface Disturb {
  disturb: object
}

/** The variable in which a part finds, as JSON, what goes wrong in it from its start on. */
export const disturbanceVariable = 'LOCAL_CLOUD_DISTURBANCE'

/** What the console asks of the supervisor, and what it hears. */
export type Wish =
  | { ask: 'parts' }
  | { ask: 'disturb'; part: string; how: object }
  | { ask: 'crash'; part: string }
export interface Question {
  question: number
  wish: Wish
}
export interface Answer {
  answer: number
  value?: unknown
  error?: string
}

/** How a part has fared, as the supervisor sees it. */
export interface PartState {
  name: string
  title: string
  runs: boolean
  /** How often it was started, and how long the last start took. */
  starts: number
  seconds: number
}

/** What the supervisor sends when a part is to end. */
export const stopMessage = 'stop'

/** What Node loads before the program of a part: `node --import`. */
export const childPreload = new URL('./child.ts', import.meta.url).href
