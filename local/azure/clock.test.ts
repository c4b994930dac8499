/** Clocks that are off, by the times that apps tell of. */
import { beforeEach, expect, test } from 'vitest'
import { type Clock, createClock, watchTimes } from './clock.ts'
import type { Deployment, Identity } from './deployment.ts'
import { Rights } from './rights.ts'
import { describeRefusal } from './words.ts'

const store = { name: 'id-store-x', app: 'store', id: 's', clientId: 'c', principalId: 'p' } as Identity
const deployment = { tenantId: 't', identities: [store], assignments: [] } as unknown as Deployment
let clock: Clock
/** What was told of clocks until now, when something is told of that is so many minutes ahead. */
let see: (minutes: number) => string[]

beforeEach(() => {
  const rights = new Rights(deployment, { ...store, principalId: 'another' })
  clock = createClock()
  const watch = watchTimes(rights, clock, '/components/appi-x')
  see = (minutes) => {
    watch({ identity: store, by: 'app' }, Date.now() + minutes * 60_000)
    return rights.refused.map(describeRefusal)
  }
})

test('a clock that is nearly right is none to speak of', () => {
  expect(see(4)).toEqual([])
  expect(see(-4)).toEqual([])
})

test.each([
  [60, '60 minutes ahead of'],
  [-60, '60 minutes behind'],
])(
  'a clock %i minutes ahead is told, and whose it is; once, until it is right again',
  (minutes, difference) => {
    see(minutes)
    expect(see(minutes)).toEqual([
      expect.stringMatching(
        `^store \\(id-store-x\\), at insights: its clock is ${difference} the one here: .*See the clocks`,
      ),
    ])
    see(0)
    expect(see(minutes)).toHaveLength(2)
  },
)

test('the clock of the services may be the one that is off', () => {
  clock.ahead = 3_600_000
  expect(see(0)).toEqual([expect.stringContaining('60 minutes behind the one here')])
})
