/** Tells the story, and tries what happens when a right is missing. */
import { setTimeout as wait } from 'node:timers/promises'
import type { RoleAssignment } from './deployment.ts'
import type { Evaluated } from './evaluated.ts'
import type { Refused } from './rights.ts'
import { type Chapter, story } from './story.ts'
import { describeRefusal, ownerOf } from './words.ts'
import type { World } from './world.ts'

export interface Told {
  readonly chapter: string
  readonly seconds: number
  /** What went wrong, refusals first. */
  readonly faults: readonly string[]
}

/**
 * Tells a chapter; whatever is refused meanwhile is a fault, even where the store gets over it. Where it goes wrong, what
 * the apps warned of meanwhile is told, too.
 */
export async function tell(world: World, chapter: Chapter): Promise<Told> {
  const { rights } = world.azure
  const faults = new Set<string>()
  const warnings = new Set<string>()
  const ends = [
    rights.onRefused((refused) => faults.add(describeRefusal(refused))),
    world.onLine(({ name }, line) => {
      const [, text] = /^\[[^\]]+\] (.*\b(?:warning|error|critical): .*)$/.exec(line) ?? []
      if (text) warnings.add(`${name} | ${text}`)
    }),
  ]
  const ending = new AbortController()
  const begin = performance.now()
  rights.chapter = chapter.name
  try {
    await chapter.tell(world, ending.signal)
  } catch (error) {
    faults.add(inWords(error))
    // What an app has written comes by another way than its answer.
    await wait(200)
    for (const warning of warnings) faults.add(warning)
  } finally {
    for (const end of ends) end()
    ending.abort()
    rights.chapter = ''
  }
  return { chapter: chapter.name, seconds: (performance.now() - begin) / 1000, faults: [...faults] }
}

/** Tells all of it, one chapter after the other; after a fault it goes on. */
export async function tellStory(world: World, onTold: (told: Told) => void = () => {}): Promise<Told[]> {
  const all: Told[] = []
  for (const chapter of story) {
    const told = await tell(world, chapter)
    all.push(told)
    onTold(told)
  }
  return all
}

function inWords(error: unknown): string {
  const { message, cause } = error as Error
  return cause ? `${message} (${inWords(cause)})` : String(message ?? error)
}

export interface Trial {
  readonly assignment: RoleAssignment
  /** The refusal that the missing right led to; undefined: nobody missed it. */
  readonly refused: Refused | undefined
  readonly seconds: number
}

/**
 * Takes one role assignment out of the evaluated template, reads what is left anew, and tells what used the assignment until
 * somebody is refused. What an app remembers, and links that it keeps, may hide that the right is missing: before it is said
 * that nobody needs it, the app is started anew and the whole story is told.
 * @param evaluated what the world was made from
 */
export async function tryWithout(
  world: World,
  evaluated: Pick<Evaluated, 'without'>,
  assignment: RoleAssignment,
): Promise<Trial> {
  const { rights, front, deployment } = world.azure
  const begin = performance.now()
  const chaptersOfIt = new Set(rights.usesOf(assignment).map(({ chapter }) => chapter))
  const concerned = story.filter(({ name }) => chaptersOfIt.has(name))
  const ending = new AbortController()
  const missed = new Promise<Refused>((resolve) => {
    const end = rights.onRefused((refused) => {
      if (refused.without?.id !== assignment.id) return
      end()
      resolve(refused)
    })
    ending.signal.addEventListener('abort', end)
  })
  const ended = new Promise<void>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve())
  })
  const service = ownerOf(deployment, assignment)?.app ?? ''
  const tellThem = async (chapters: readonly Chapter[]) => {
    for (const chapter of chapters) {
      if (ending.signal.aborted) return
      rights.chapter = chapter.name
      // What is under way when the right was missed ends by itself; the next trial need not wait for it.
      await Promise.race([chapter.tell(world, ending.signal).catch(() => {}), ended])
    }
  }
  const nobodyMissesIt = async () => {
    await tellThem(concerned)
    if (ending.signal.aborted || !world.apps.has(service)) return undefined
    await world.restart(service).catch(() => {})
    await tellThem([...concerned, ...story])
    return undefined
  }
  rights.govern(evaluated.without(assignment.id))
  // A broker asks for a right when a link is made, any other service with every request.
  if (assignment.scope.startsWith(deployment.serviceBus.id)) front.dropBrokers()
  const telling = nobodyMissesIt()
  const refused = await Promise.race([missed, telling])
  const seconds = (performance.now() - begin) / 1000
  ending.abort()
  rights.govern(deployment)
  await telling
  rights.chapter = ''
  if (deployment.apps.some((app) => app.service === service) && !world.apps.has(service))
    await world.restart(service)
  return { assignment, refused, seconds }
}
