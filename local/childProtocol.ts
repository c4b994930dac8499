/** What a part of the local cloud and its supervisor tell each other. */

/** What a part tells its supervisor: it now accepts connections on this port. */
export interface Listening {
  listening: number
}

/** What the supervisor sends when a part is to end. */
export const stopMessage = 'stop'

/** What Node loads before the program of a part: `node --import`. */
export const childPreload = new URL('./child.ts', import.meta.url).href
