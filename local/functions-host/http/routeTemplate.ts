/** Route templates as ASP.NET routing knows them, read into segments. */
import { HostStartError } from '../errors.ts'
import { constraint } from './constraints.ts'

export interface Parameter {
  name: string
  optional: boolean
  catchAll: boolean
  defaultValue: string | undefined
  constraints: ((value: string) => boolean)[]
}

export type Segment =
  | { kind: 'literal'; text: string }
  | { kind: 'parameter'; parameter: Parameter }
  /** Literals and parameters within one segment, e.g. `{name}.{extension}`. */
  | { kind: 'mixed'; patterns: RegExp[]; parameters: Parameter[] }

/** @throws {HostStartError} when the template is malformed or names an unknown constraint. */
export function parseTemplate(template: string): Segment[] {
  const fault = (reason: string) => new HostStartError(`Route "${template}": ${reason}`)
  const parts = splitTemplate(template.replace(/^~?\//, '').replace(/\/$/, ''))
  const segments = parts.map((part, index): Segment => {
    const tokens = tokenize(part, fault)
    const only = tokens[0]
    if (tokens.length === 0) throw fault('a segment is empty')
    if (tokens.length === 1 && typeof only === 'string') return { kind: 'literal', text: only.toLowerCase() }
    if (tokens.length === 1 && typeof only === 'object') {
      if (only.catchAll && index < parts.length - 1) throw fault('a catch-all parameter must come last')
      return { kind: 'parameter', parameter: only }
    }
    const parameters = tokens.filter((token) => typeof token === 'object')
    if (parameters.some((parameter) => parameter.catchAll))
      throw fault('a catch-all parameter must stand alone')
    return { kind: 'mixed', patterns: mixedPatterns(tokens, fault), parameters }
  })
  const names = segments.flatMap(parametersOf).map(({ name }) => name.toLowerCase())
  if (new Set(names).size < names.length) throw fault('a parameter occurs twice')
  return segments
}

function parametersOf(segment: Segment): Parameter[] {
  if (segment.kind === 'literal') return []
  return segment.kind === 'mixed' ? segment.parameters : [segment.parameter]
}

/** What a segment of literals and parameters matches; where the last one is optional, first with it, then without. */
function mixedPatterns(tokens: (string | Parameter)[], fault: (reason: string) => Error): RegExp[] {
  const optional = tokens.findIndex((token) => typeof token === 'object' && token.optional)
  if (optional < 0) return [mixedPattern(tokens)]
  const dot = tokens[optional - 1]
  if (optional < tokens.length - 1 || dot !== '.')
    throw fault('beside others in a segment only the last parameter can be optional, and after a dot')
  return [mixedPattern(tokens), mixedPattern(tokens.slice(0, -2), '(?<!\\.)')]
}

function mixedPattern(tokens: (string | Parameter)[], end = ''): RegExp {
  const source = tokens.map((token) => (typeof token === 'string' ? literalPattern(token) : '(.+)'))
  return new RegExp(`^${source.join('')}${end}$`, 'is')
}

/** Splits at slashes outside of braces: a regular expression in a constraint may hold one. */
function splitTemplate(template: string): string[] {
  if (template === '') return []
  const parts = ['']
  let depth = 0
  for (const character of template) {
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === '/' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

/** The literals and parameters of a segment; `{{` and `}}` stand for braces. */
function tokenize(segment: string, fault: (reason: string) => Error): (string | Parameter)[] {
  const tokens: (string | Parameter)[] = []
  let literal = ''
  for (let index = 0; index < segment.length; index++) {
    const two = segment.slice(index, index + 2)
    if (two === '{{' || two === '}}') {
      literal += two[0]
      index++
    } else if (segment[index] === '{') {
      const end = closingBrace(segment, index)
      if (end < 0) throw fault('a brace is not closed')
      if (literal) tokens.push(literal)
      literal = ''
      tokens.push(parseParameter(segment.slice(index + 1, end), fault))
      index = end
    } else {
      literal += segment[index]
    }
  }
  if (literal) tokens.push(literal)
  return tokens
}

/** Braces within a regular expression are written doubled. */
function closingBrace(text: string, open: number): number {
  for (let index = open + 1; index < text.length; index++) {
    const two = text.slice(index, index + 2)
    if (two === '{{' || (two === '}}' && text.slice(open + 1, index).includes('{{'))) index++
    else if (text[index] === '}') return index
  }
  return -1
}

function parseParameter(text: string, fault: (reason: string) => Error): Parameter {
  const match = /^(\*{0,2})([^:=?*]+)(.*)$/s.exec(text)
  if (!match) throw fault(`"{${text}}" is not a parameter`)
  const [, stars = '', name = '', tail = ''] = match
  let rest = tail
  const constraints: Parameter['constraints'] = []
  while (rest.startsWith(':')) {
    const written = /^:([a-z]+)(?:\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\))?/i.exec(rest)
    if (!written) throw fault(`"${rest}" is not a constraint`)
    constraints.push(constraint(written[1] ?? '', written[2], fault))
    rest = rest.slice(written[0].length)
  }
  let defaultValue: string | undefined
  if (rest.startsWith('=')) {
    defaultValue = rest.slice(1)
    rest = ''
  }
  if (rest !== '' && rest !== '?') throw fault(`"{${text}}" is not a parameter`)
  return { name, optional: rest === '?', catchAll: stars !== '', defaultValue, constraints }
}

function literalPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
