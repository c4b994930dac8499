import { badRequest } from '../errors.ts'
import type { Document, Json } from '../query/source.ts'
import { isObject } from './body.ts'

export interface Patch {
  readonly operations: readonly PatchOperation[]
  /** `FROM c WHERE …`: the document is changed only if this holds. */
  readonly condition?: string
}

interface PatchOperation {
  readonly op: 'add' | 'set' | 'replace' | 'remove' | 'incr' | 'move'
  readonly path: readonly string[]
  readonly from?: readonly string[]
  readonly value?: Json
}

/** "Partial document update": the most operations of one patch. */
const mostOperations = 10
const kinds = ['add', 'set', 'replace', 'remove', 'incr', 'move']
const systemProperties = ['id', '_rid', '_self', '_etag', '_attachments', '_ts']

/** Reads the body of a patch. `partitionPaths`: the property names of the partition key, which stays as it is. */
export function readPatch(body: unknown, partitionPaths: readonly (readonly string[])[]): Patch {
  const { operations, condition } = (
    Array.isArray(body) ? { operations: body } : isObject(body) ? body : {}
  ) as Record<string, unknown>
  if (!Array.isArray(operations) || operations.length === 0)
    throw badRequest('A patch has at least one operation, in "operations".')
  if (operations.length > mostOperations)
    throw badRequest(
      `The number of patch operations can't exceed '${mostOperations}'; there are ${operations.length}.`,
    )
  if (condition !== undefined && condition !== null && typeof condition !== 'string')
    throw badRequest('The condition of a patch is a text.')
  return {
    operations: operations.map((operation) => readOperation(operation, partitionPaths)),
    ...(typeof condition === 'string' && condition.trim() !== '' && { condition }),
  }
}

function readOperation(given: unknown, partitionPaths: readonly (readonly string[])[]): PatchOperation {
  const { op, path, from, value } = (isObject(given) ? given : {}) as Record<string, Json | undefined>
  const kind = String(op).toLowerCase()
  if (!kinds.includes(kind)) throw badRequest(`"${op}" is no patch operation: ${kinds.join(', ')}.`)
  const operation = { op: kind as PatchOperation['op'], path: readPath(path) }
  checkTarget(operation.path, partitionPaths)
  if (kind === 'move') {
    const source = readPath(from)
    checkTarget(source, partitionPaths)
    if (source.every((name, i) => name === operation.path[i]))
      throw badRequest("The path of a move is not its 'from' path, nor within it.")
    return { ...operation, from: source }
  }
  if (kind === 'remove') return operation
  if (value === undefined) throw badRequest(`The patch operation "${op}" at ${path} has no value.`)
  if (kind === 'incr' && typeof value !== 'number')
    throw badRequest(`The value of an increment is a number, not ${JSON.stringify(value)}.`)
  return { ...operation, value }
}

function readPath(path: Json | undefined): string[] {
  if (typeof path !== 'string' || !/^\/./.test(path))
    throw badRequest(
      `The patch path ${JSON.stringify(path)} is not valid: it begins with '/' and names a property.`,
    )
  return path
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function checkTarget(path: readonly string[], partitionPaths: readonly (readonly string[])[]): void {
  const [first = ''] = path
  if (path.length === 1 && systemProperties.includes(first))
    throw badRequest(`The property "${first}" cannot be patched.`)
  const covers = partitionPaths.some(
    (names) => path.every((name, i) => names[i] === name) || names.every((name, i) => path[i] === name),
  )
  if (covers) throw badRequest('Partition key values cannot be changed.')
}

/** Changes a document, which nobody else has, by the operations, one after the other; answers it. @throws 400 */
export function applyPatch(document: { [name: string]: Json }, { operations }: Patch): Document {
  for (const operation of operations) apply(document, operation)
  return document
}

function apply(document: Json, { op, path, from, value }: PatchOperation): void {
  if (op === 'move') {
    const moved = take(document, from as readonly string[])
    put(document, path, moved, true)
    return
  }
  if (op === 'remove') {
    take(document, path)
    return
  }
  if (op === 'incr') {
    const before = get(document, path)
    if (before !== undefined && typeof before !== 'number')
      throw badRequest(`The value at ${pathText(path)} is no number and cannot be incremented.`)
    const sum = (before ?? 0) + (value as number)
    if (!Number.isFinite(sum)) throw badRequest(`The sum at ${pathText(path)} is too large.`)
    put(document, path, sum, false)
    return
  }
  if (op === 'replace' && get(document, path) === undefined) throw missing(path)
  put(
    document,
    path,
    isObject(value) || Array.isArray(value) ? structuredClone(value) : (value as Json),
    op === 'add',
  )
}

/** `inserts`: a new element of an array is put before what stands there; else it takes its place. */
function put(document: Json, path: readonly string[], value: Json, inserts: boolean): void {
  const parent = get(document, path.slice(0, -1))
  const name = path.at(-1) as string
  if (Array.isArray(parent)) {
    const index = name === '-' ? parent.length : indexIn(name, path)
    if (index > parent.length) throw missing(path)
    parent.splice(index, inserts ? 0 : 1, value)
  } else if (isObject(parent)) {
    Object.defineProperty(parent, name, { value, writable: true, enumerable: true, configurable: true })
  } else throw missing(path.slice(0, -1))
}

function take(document: Json, path: readonly string[]): Json {
  const value = get(document, path)
  if (value === undefined) throw missing(path)
  const parent = get(document, path.slice(0, -1))
  const name = path.at(-1) as string
  if (Array.isArray(parent)) parent.splice(indexIn(name, path), 1)
  else delete (parent as { [name: string]: Json })[name]
  return value
}

function get(document: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document
  for (const name of path) {
    if (Array.isArray(value)) value = /^(0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined
    else if (isObject(value)) value = Object.hasOwn(value, name) ? value[name] : undefined
    else return undefined
  }
  return value
}

function indexIn(name: string, path: readonly string[]): number {
  if (/^(0|[1-9]\d*)$/.test(name)) return Number(name)
  throw badRequest(`${pathText(path)} leads into an array, but "${name}" is no place in it.`)
}

const pathText = (path: readonly string[]) => `'/${path.join('/')}'`
const missing = (path: readonly string[]) =>
  badRequest(`Patch: there is nothing at ${pathText(path)}, or it is no place in the document.`)
