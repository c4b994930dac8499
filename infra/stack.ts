/**
 * `node infra/stack.ts < STACK`: names the places of a stack from Azure's logs in the sources. The bundle must be that of
 * the version that ran: check it out first.
 */
import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { join, relative } from 'node:path'
import { text } from 'node:stream/consumers'
import { buildIfStale } from '../local/cloud/builds.ts'
import { root } from '../local/root.ts'

/** The stack with every place in a file of the bundle replaced by that in the sources, from the repository's root. */
export async function sourceStack(stack: string): Promise<string> {
  const dist = join(root, 'dist')
  const place = /[^\s()]*?([\w-]+\.cjs):(\d+):(\d+)/g
  const files = new Set([...stack.matchAll(place)].map(([, file = '']) => file))
  const maps = new Map<string, SourceMap>()
  for (const file of files) {
    const map = await readFile(join(dist, `${file}.map`), 'utf8').catch(() => undefined)
    if (map) maps.set(file, new SourceMap(JSON.parse(map)))
  }
  return stack.replace(place, (whole, file: string, line: string, column: string) => {
    const origin = maps.get(file)?.findOrigin(Number(line), Number(column))
    if (!origin || !('fileName' in origin)) return whole
    const source = relative(root, join(dist, origin.fileName)).replaceAll('\\', '/')
    return `${source}:${origin.lineNumber}:${origin.columnNumber}`
  })
}

if (import.meta.main) {
  await buildIfStale('functions')
  process.stdout.write(await sourceStack(await text(process.stdin)))
}
