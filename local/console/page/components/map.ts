/** Where things stand in the picture of the system: side by side on a wide screen, below one another on a phone. */
import type { Way } from '../../journey.ts'

interface Place {
  title: string
  subtitle: string
  /** The middle of its box. */
  wide: readonly [number, number]
  tall: readonly [number, number]
}

export const sizes = {
  wide: { width: 940, height: 430, box: [158, 62] },
  tall: { width: 380, height: 540, box: [108, 58] },
} as const
export type Layout = keyof typeof sizes

export const places = {
  store: { title: 'Store', subtitle: 'customers', wide: [90, 110], tall: [66, 40] },
  admin: { title: 'Admin', subtitle: 'employees', wide: [90, 310], tall: [314, 40] },
  functions: { title: 'API', subtitle: 'functions', wide: [340, 210], tall: [190, 140] },
  blobs: { title: 'Storage', subtitle: 'pictures', wide: [250, 385], tall: [66, 240] },
  models: { title: 'Models', subtitle: 'texts', wide: [440, 385], tall: [190, 490] },
  database: { title: 'Cosmos DB', subtitle: 'orders', wide: [640, 315], tall: [66, 370] },
  queue: { title: 'Service Bus', subtitle: 'orders', wide: [600, 90], tall: [314, 240] },
  makeline: { title: 'Makeline', subtitle: 'function', wide: [850, 90], tall: [314, 370] },
  failed: { title: 'Dead letters', subtitle: 'orders-failed', wide: [850, 210], tall: [314, 490] },
} as const satisfies Record<string, Place>
export type PlaceName = keyof typeof places

/** In words, for those who do not see the picture. */
export const wayWords: Record<Way, string> = {
  'store>functions': 'Requests of customers',
  'admin>functions': 'Requests of employees',
  'functions>database': 'Operations on the database by the API',
  'functions>queue': 'Messages sent to the makeline',
  'functions>blobs': 'Operations on pictures',
  'functions>models': 'Calls of models',
  'queue>makeline': 'Messages taken by the makeline',
  'makeline>database': 'Operations on the database by the makeline',
  'makeline>queue': 'Messages put off, to be tried again',
  'makeline>failed': 'Dead letters',
  'failed>functions': 'Looks at the dead letters',
}

/** The two ends of a way. */
export const endsOf = (way: Way) => way.split('>') as [PlaceName, PlaceName]
