/** Timers of the host: schedules, past due, run on start, one instance at a time; storage is a real Azurite. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../fixtures/freePort.ts'
import { type FunctionsHost, startFunctionsHost } from '../index.ts'
import { parseSchedule } from './schedule.ts'
import { localIsoTime } from './timeZone.ts'

describe('schedules', () => {
  const from = new Date('2026-03-01T10:00:30.500Z')
  test.each([
    ['*/5 * * * * *', '2026-03-01T10:00:35.000Z'],
    ['0 */5 * * * *', '2026-03-01T10:05:00.000Z'],
    ['*/5 * * * *', '2026-03-01T10:05:00.000Z'],
    ['0 0 9 * * Mon-Fri', '2026-03-02T09:00:00.000Z'],
    // Day and weekday must both hold, unlike in other crons.
    ['0 0 0 13 * 5', '2026-03-13T00:00:00.000Z'],
    ['0 0 0 14 * 5', '2026-08-14T00:00:00.000Z'],
    // Names may be cut short, ranges run backwards, steps begin anywhere.
    ['0 0 0 * Janu Wednesday', '2027-01-06T00:00:00.000Z'],
    ['0 0 12-11 * * *', '2026-03-01T11:00:00.000Z'],
    ['0 7/20 * * * *', '2026-03-01T10:07:00.000Z'],
    ['0 0 0 1,15 */6 *', '2026-07-01T00:00:00.000Z'],
    ['00:05:00', '2026-03-01T10:05:30.500Z'],
    ['1.00:00:00', '2026-03-02T10:00:30.500Z'],
    // .NET reads as days what cannot be hours.
    ['24:00:00', '2026-03-25T10:00:30.500Z'],
    ['25:00:00:00', '2026-03-26T10:00:30.500Z'],
    ['2', '2026-03-03T10:00:30.500Z'],
  ])('%s occurs next at %s', (text, next) => {
    expect(parseSchedule(text, 'UTC').next(from).toISOString()).toBe(next)
  })

  test('follows a time zone over the change to summer time', () => {
    const schedule = parseSchedule('0 0 9 * * *', 'Europe/Berlin')
    expect(schedule.next(new Date('2026-03-28T12:00:00Z')).toISOString()).toBe('2026-03-29T07:00:00.000Z')
  })

  test.each([
    ['0 */5 * * * *', true],
    ['*/30 * * * * *', false],
    ['00:00:30', false],
    ['00:01:00', true],
  ])('%s is monitored: %s', (text, monitored) => {
    expect(parseSchedule(text, undefined).monitored).toBe(monitored)
  })

  const wrong = [
    '* * *',
    '0 0 0 30 2 *',
    '61 * * * * *',
    'hourly',
    '00:00:00',
    '00:90:00',
    '24:00',
    '24:30:00',
  ]
  const otherCrons = ['0 0 0 L * *', '0 0 0 ? * *', '0 0 0 * * 5#1', '0 0 0 15W * *', '0 0 0 * * 7', '@daily']
  test.each([...wrong, ...otherCrons])('%s is refused', (text) => {
    expect(() => parseSchedule(text, undefined)).toThrow(/Schedule "/)
  })
})

describe('a timer trigger', () => {
  const appRoot = fileURLToPath(new URL('../fixtures/everything', import.meta.url))
  const azuriteScript = fileURLToPath(
    new URL('../../../node_modules/azurite/dist/src/blob/main.js', import.meta.url),
  )
  const waiting = { timeout: 30_000, interval: 50 }
  const hosts: FunctionsHost[] = []
  const yearly = '0 0 0 1 1 *'
  let azurite: ChildProcess
  let storage: string
  let container: ContainerClient
  let hostId = ''
  let count = 0

  beforeAll(async () => {
    const port = await freePort()
    azurite = spawn(
      process.execPath,
      [
        azuriteScript,
        '--blobPort',
        String(port),
        '--inMemoryPersistence',
        '--disableTelemetry',
        '--skipApiVersionCheck',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    storage = `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`
    let output = ''
    azurite.stdout?.on('data', (chunk) => {
      output += chunk
    })
    await vi.waitFor(() => expect(output).toContain('successfully listens'), waiting)
    container = BlobServiceClient.fromConnectionString(storage).getContainerClient('azure-webjobs-hosts')
    await container.createIfNotExists()
  }, 60_000)

  afterAll(async () => {
    if (azurite.exitCode !== null) return
    const ended = once(azurite, 'exit')
    azurite.kill('SIGKILL')
    await ended
  })

  beforeEach(() => {
    hostId = `test-${++count}`
  })

  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.close()))
  })

  async function start(settings: Record<string, string>): Promise<FunctionsHost> {
    const host = await startFunctionsHost({
      appRoot,
      port: 0,
      settings: { AzureWebJobsStorage: storage, AzureFunctionsWebHost__hostId: hostId, ...settings },
      log: { write() {}, coloured: false },
    })
    hosts.push(host)
    return host
  }

  interface Tick {
    timer: { isPastDue: boolean; schedule: object; scheduleStatus?: { last: string; next: string } | null }
    retry?: { retryCount: number; maxRetryCount: number }
  }
  async function ticks(host: FunctionsHost): Promise<Tick[]> {
    const seen = (await (await fetch(`${host.url}/api/seen`)).json()) as (Tick & { function: string })[]
    return seen.filter((call) => call.function === 'tick')
  }
  const ticked = (host: FunctionsHost, atLeast: number) =>
    vi.waitFor(async () => {
      const all = await ticks(host)
      expect(all.length).toBeGreaterThanOrEqual(atLeast)
      return all
    }, waiting)

  const statusBlob = () => container.getBlockBlobClient(`timers/${hostId}/Host.Functions.tick/status`)
  const readStatus = () =>
    vi.waitFor(async () => JSON.parse((await statusBlob().downloadToBuffer()).toString()), waiting)
  async function writeStatus(status: object) {
    const text = JSON.stringify(status)
    await statusBlob().upload(text, text.length)
  }

  test('fires on its schedule; under a minute no status is kept', async () => {
    const host = await start({ TIMER_SCHEDULE: '* * * * * *' })
    const [first] = await ticked(host, 2)
    expect(first?.timer).toMatchObject({
      isPastDue: false,
      schedule: { adjustForDST: true },
      scheduleStatus: null,
    })
  })

  test('keeps its status in storage', async () => {
    await start({ TIMER_SCHEDULE: yearly })
    const status = await readStatus()
    expect(Date.parse(status.Next)).toBeGreaterThan(Date.now())
    expect(status.Last).toMatch(/^0001-01-01/)
  })

  test('runOnStartup runs at once and records it', async () => {
    const host = await start({ TIMER_SCHEDULE: yearly, RUN_ON_STARTUP: 'true' })
    const [first] = await ticked(host, 1)
    expect(first?.timer.isPastDue).toBe(false)
    await vi.waitFor(async () => expect((await readStatus()).Last).not.toMatch(/^0001/), waiting)
  })

  test('an occurrence that was missed is made up for once, as past due', async () => {
    const last = new Date('2020-06-01T00:00:00Z')
    const next = parseSchedule(yearly, undefined).next(last)
    await writeStatus({ Last: last, Next: next, LastUpdated: last })
    const host = await start({ TIMER_SCHEDULE: yearly })
    const all = await ticked(host, 1)
    expect(all).toHaveLength(1)
    expect(all[0]?.timer).toMatchObject({
      isPastDue: true,
      scheduleStatus: { next: localIsoTime(next, undefined) },
    })
    await vi.waitFor(
      async () => expect(Date.parse((await readStatus()).Next)).toBeGreaterThan(Date.now()),
      waiting,
    )
  })

  test('a status of another schedule is no reason to run', async () => {
    const last = new Date('2020-06-01T00:00:00Z')
    await writeStatus({ Last: last, Next: new Date('2020-06-01T01:00:00Z'), LastUpdated: last })
    const host = await start({ TIMER_SCHEDULE: yearly })
    await vi.waitFor(
      async () => expect(Date.parse((await readStatus()).Next)).toBeGreaterThan(Date.now()),
      waiting,
    )
    expect(await ticks(host)).toEqual([])
  })

  test('a failed run is retried by its policy, with what failed', async () => {
    const host = await start({ TIMER_SCHEDULE: yearly, RUN_ON_STARTUP: 'true', TIMER_FAILS: 'true' })
    const all = await ticked(host, 3)
    expect(all.map(({ retry }) => retry?.retryCount)).toEqual([0, 1, 2])
    expect(all[2]?.retry).toMatchObject({ maxRetryCount: 2, exception: { message: 'on purpose' } })
  })

  test('of two instances one runs it; the other takes over when that one stops', async () => {
    const settings = { TIMER_SCHEDULE: yearly, RUN_ON_STARTUP: 'true' }
    const first = await start(settings)
    await ticked(first, 1)
    const second = await start(settings)
    expect(await ticks(second)).toEqual([])
    await first.close()
    await ticked(second, 1)
  })

  test('POST /admin/functions/NAME runs it by hand', async () => {
    const host = await start({ TIMER_SCHEDULE: yearly })
    const response = await fetch(`${host.url}/admin/functions/tick`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(response.status).toBe(202)
    await ticked(host, 1)
  })

  test('a schedule of a setting that does not exist stops the start', async () => {
    await expect(start({ TIMER_SCHEDULE: '%NOWHERE%' })).rejects.toThrow('Schedule "%NOWHERE%"')
  })
})
