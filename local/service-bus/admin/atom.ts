/** A value of an element: text, elements in their order, or what `element` made. */
export type Content = string | number | boolean | undefined | Fields | Element

/** Elements in their order; a list stands for several elements of one name. */
export interface Fields {
  readonly [name: string]: Content | readonly Content[]
}

interface Element {
  readonly attributes: Readonly<Record<string, string>>
  readonly content: Content
}

const atomNamespace = 'http://www.w3.org/2005/Atom'
const serviceBusNamespace = 'http://schemas.microsoft.com/netservices/2010/10/servicebus/connect'
const instanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance'

export interface Entry {
  /** The resource's URL. */
  readonly id: string
  readonly title: string
  /** The name of the element that holds the fields, such as `QueueDescription`. */
  readonly type: string
  readonly fields: Fields
}

/** An element with attributes. */
export function element(attributes: Readonly<Record<string, string>>, content: Content): Element {
  return { attributes, content }
}

/** One resource, as an Atom entry. */
export function entryDocument(entry: Entry): string {
  return declaration + entryXml(entry)
}

/** A list of resources, as an Atom feed; `next` is the URL of the next page. */
export function feedDocument(id: string, entries: readonly Entry[], next?: string): string {
  const links = [`<link rel="self" href="${escapeXml(id)}"/>`]
  if (next !== undefined) links.push(`<link rel="next" href="${escapeXml(next)}"/>`)
  const head = `<title type="text">list</title><id>${escapeXml(id)}</id>${links.join('')}`
  return `${declaration}<feed xmlns="${atomNamespace}">${head}${entries.map(entryXml).join('')}</feed>`
}

/** An error, in the shape that the SDKs read. */
export function errorDocument(status: number, detail: string): string {
  return declaration + write('Error', { Code: status, Detail: detail })
}

const declaration = '<?xml version="1.0" encoding="utf-8"?>'

function entryXml({ id, title, type, fields }: Entry): string {
  const description = write(
    type,
    element({ xmlns: serviceBusNamespace, 'xmlns:i': instanceNamespace }, fields),
  )
  return (
    `<entry xmlns="${atomNamespace}"><id>${escapeXml(id)}</id><title type="text">${escapeXml(title)}</title>` +
    `<content type="application/xml">${description}</content></entry>`
  )
}

function write(name: string, content: Content): string {
  if (content === undefined) return ''
  if (typeof content !== 'object') return `<${name}>${escapeXml(String(content))}</${name}>`
  if (!isElement(content)) return `<${name}>${writeFields(content)}</${name}>`
  const attributes = Object.entries(content.attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
  const inner =
    typeof content.content === 'object' && !isElement(content.content)
      ? writeFields(content.content)
      : escapeXml(String(content.content ?? ''))
  return `<${name}${attributes.join('')}>${inner}</${name}>`
}

function writeFields(fields: Fields): string {
  return Object.entries(fields)
    .flatMap(([key, value]) => [value].flat().map((item) => write(key, item as Content)))
    .join('')
}

function isElement(content: Fields | Element): content is Element {
  return typeof content.attributes === 'object' && 'content' in content
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
