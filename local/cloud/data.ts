/**
 * The folder in which the local cloud keeps its data from one start to the next: Cosmos DB, Service Bus, and blobs, among
 * which are the pictures and what the host knows of its timers. They belong together: a message whose order is gone is
 * worse than nothing, so they are kept, set aside and deleted as one.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { root } from '../root.ts'

/** Where `npm start` keeps its data unless it is told otherwise. */
export const usualDataFolder = join(root, '.local', 'data')

/** Grows when what one part keeps no longer fits what this program reads. */
const format = 1

/** Holds the format, and is locked as long as somebody uses the folder: the system lets go of it however he ends. */
const marker = 'local-cloud.db'

/** The folder is in use; the message says by what, and what to do. */
export class DataInUseError extends Error {}

export interface Data {
  /** Where data of another version was moved, if there was any. */
  readonly setAside: string | undefined
  /** Whether there is data of an earlier start. */
  readonly isKept: boolean
  close(): void
}

/**
 * Takes the folder for this process; `fresh` deletes what is in it. Data of another version is moved to a folder beside it.
 * @throws {DataInUseError}
 */
export function openData(folder: string, { fresh = false } = {}): Data {
  mkdirSync(folder, { recursive: true })
  const hadMarker = existsSync(join(folder, marker))
  let lock = takeLock(folder)
  const found = hadMarker ? Number(lock.prepare('PRAGMA user_version').get()?.user_version) : 0
  const others = readdirSync(folder).filter((name) => !name.startsWith(marker))
  const isForeign = others.length > 0 && found !== format
  let setAside: string | undefined
  if (isForeign && !fresh) {
    // Windows moves no folder with an open file in it.
    lock.close()
    setAside = freeName(`${folder}-format-${found}`)
    renameSync(folder, setAside)
    mkdirSync(folder, { recursive: true })
    lock = takeLock(folder)
  } else if (fresh) {
    for (const name of others) rmSync(join(folder, name), { recursive: true, force: true })
  }
  lock.exec(`COMMIT; PRAGMA user_version = ${format}; BEGIN EXCLUSIVE`)
  return { setAside, isKept: others.length > 0 && !isForeign && !fresh, close: () => lock.close() }
}

/** Deletes the folder. @throws {DataInUseError} */
export function deleteData(folder: string): void {
  if (!existsSync(folder)) return
  takeLock(folder).close()
  rmSync(folder, { recursive: true, force: true })
}

function takeLock(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, marker))
  try {
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch {
    database.close()
    throw new DataInUseError(
      `A local cloud runs on ${folder} already, and two would spoil each other's data. Stop it, or start this one with --data OTHER_FOLDER or --in-memory.`,
    )
  }
}

function freeName(name: string): string {
  if (!existsSync(name)) return name
  for (let n = 2; ; n++) if (!existsSync(`${name}-${n}`)) return `${name}-${n}`
}
