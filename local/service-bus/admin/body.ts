import { XMLParser } from 'fast-xml-parser'
import { Failure } from '../engine/failure.ts'

/** An element with elements in it; those that stand alone hold text, those in a list the list. */
export interface XmlNode {
  readonly [name: string]: XmlNode | readonly XmlNode[] | string
}

/** The description in an Atom entry that a client sends. */
export interface RequestBody {
  /** The name of its element, such as `QueueDescription`. */
  readonly type: string
  readonly fields: XmlNode
}

/** Prefix of the names of attributes. */
export const attribute = '@'

/** Name of the text of an element that has attributes. */
export const content = '#text'

const lists = new Set(['KeyValueOfstringanyType', 'AuthorizationRule'])

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: attribute,
  textNodeName: content,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  isArray: (name) => lists.has(name),
})

/** Reads the body of a request that creates or changes an entity. Throws `argument-error`. */
export function readBody(xml: string): RequestBody {
  if (/<!DOCTYPE/i.test(xml)) throw malformed('document types are not allowed')
  let document: unknown
  try {
    document = parser.parse(xml, true)
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error))
  }
  const entry = nodeOf((document as XmlNode).entry)
  const description = Object.entries(nodeOf(entry?.content) ?? {}).find(([name]) => isElement(name))
  if (description === undefined) throw malformed('an Atom entry with a description is expected')
  return { type: description[0], fields: nodeOf(description[1]) ?? {} }
}

/** The element, unless it holds nothing but text. */
export function nodeOf(value: XmlNode[string] | undefined): XmlNode | undefined {
  return typeof value === 'object' && !Array.isArray(value) ? (value as XmlNode) : undefined
}

/** The text in an element; undefined when there is no such element. */
export function textIn(value: XmlNode[string] | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  const text = nodeOf(value)?.[content]
  return typeof text === 'string' ? text : ''
}

/** Whether the name is that of an element, not of an attribute or of text. */
export function isElement(name: string): boolean {
  return !name.startsWith(attribute) && !name.startsWith('?') && name !== content
}

function malformed(why: string): Failure {
  return new Failure('argument-error', `The body of the request cannot be read: ${why}.`)
}
