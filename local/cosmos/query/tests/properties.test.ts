import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeKey, encodeStringPrefix } from '../encodeKey.ts'
import { compare, equal } from '../order.ts'
import { runQuery } from '../run.ts'
import type { Json, QuerySpec } from '../source.ts'
import { answer, type MemoryOptions, MemorySource } from './memorySource.ts'

const texts = fc.oneof(
  fc.constantFrom('', '\u0000', '\u0001', '\u0002', 'a', 'ab', 'b', 'é', '\ud83d\ude00', '\ud83d', '\uffff'),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const numbers = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 1.5, 1e300, -1e300, 5e-324),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, false, true),
    numbers,
    texts,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 3 }) as fc.Arbitrary<Json>,
  ),
})).value
const anyValue = fc.option(values, { nil: undefined })

describe('an encoded key', () => {
  it('stands in bytes as its value stands among others', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const order = Math.sign(Buffer.compare(encodeKey([a]), encodeKey([b])))
        expect(order).toBe(Math.sign(compare(a, b)))
        expect(order === 0).toBe(a === undefined ? b === undefined : equal(a, b))
        expect(Math.sign(Buffer.compare(encodeKey([a], ['desc']), encodeKey([b], ['desc'])))).toBe(
          -order || 0,
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('of several values compares the first ones first, each in its order', () => {
    const orders = fc.array(fc.constantFrom('asc' as const, 'desc' as const), { minLength: 3, maxLength: 3 })
    const tuples = fc.tuple(anyValue, anyValue, anyValue)
    fc.assert(
      fc.property(tuples, tuples, fc.nat(2), orders, (a, other, shared, order) => {
        const b = other.map((value, i) => (i < shared ? a[i] : value))
        const differs = a.findIndex((value, i) => compare(value, b[i]) !== 0)
        const expected =
          differs < 0 ? 0 : Math.sign(compare(a[differs], b[differs])) * (order[differs] === 'asc' ? 1 : -1)
        expect(Math.sign(Buffer.compare(encodeKey(a, order), encodeKey(b, order)))).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  it('begins with the bytes of a string’s beginning, and only then', () => {
    fc.assert(
      fc.property(texts, texts, fc.boolean(), (text, start, related) => {
        const whole = related ? start + text : text
        const bytes = Buffer.from(encodeKey([whole])).toString('latin1')
        expect(bytes.startsWith(Buffer.from(encodeStringPrefix(start)).toString('latin1'))).toBe(
          whole.startsWith(start),
        )
      }),
    )
  })
})

/** Few different values, so that they meet. */
const small = fc.constantFrom<Json | undefined>(
  undefined,
  null,
  false,
  true,
  0,
  1,
  2,
  '',
  'a',
  'ab',
  'b',
  [1],
  [1, 'a'],
  { x: 1 },
)
const documents = fc.array(
  fc.record({
    a: small,
    b: small,
    c: small,
    d: fc.option(fc.record({ e: small }), { nil: undefined }),
    tags: fc.array(small, { maxLength: 3 }),
  }),
  { maxLength: 25 },
)
const stored = (list: readonly object[]) =>
  list.map((document, i) => JSON.parse(JSON.stringify({ id: `${i}`, ...document })))

const literals = small.filter((value) => value !== undefined).map((value) => JSON.stringify(value))
const paths = fc.constantFrom('c.a', 'c.b', 'c.c', 'c.d.e', 'c["a"]')
const comparisons = fc.constantFrom('=', '!=', '<', '>', '<=', '>=')
const conditions = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(paths, comparisons, literals)
      .map(([path, operator, literal]) => `${path} ${operator} ${literal}`),
    fc
      .tuple(literals, comparisons, paths)
      .map(([literal, operator, path]) => `${literal} ${operator} ${path}`),
    fc
      .tuple(paths, fc.array(literals, { minLength: 1, maxLength: 3 }), fc.constantFrom('IN', 'NOT IN'))
      .map(([path, list, word]) => `${path} ${word} (${list.join(', ')})`),
    fc.tuple(paths, literals, literals).map(([path, from, to]) => `${path} BETWEEN ${from} AND ${to}`),
    fc.tuple(paths, fc.constantFrom('a', 'ab', '')).map(([path, start]) => `STARTSWITH(${path}, "${start}")`),
    fc
      .tuple(paths, fc.constantFrom('a%', 'a_', 'ab', '%b', '[ab]%'))
      .map(([path, pattern]) => `${path} LIKE "${pattern}"`),
    fc
      .tuple(
        fc.constantFrom(
          'IS_DEFINED',
          'IS_NULL',
          'IS_STRING',
          'IS_NUMBER',
          'IS_BOOL',
          'IS_ARRAY',
          'IS_OBJECT',
        ),
        paths,
      )
      .map(([name, path]) => `${name}(${path})`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} AND ${b})`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `${a} AND ${b}`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} OR ${b})`),
    tie('condition').map((a) => `NOT (${a})`),
    fc.constant('EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = c.a)'),
  ),
})).condition

const policy: MemoryOptions = {
  compositeIndexes: [
    [
      ['/a', 'asc'],
      ['/b', 'desc'],
    ],
    [
      ['/b', 'asc'],
      ['/a', 'asc'],
      ['/c', 'desc'],
    ],
  ],
}
const orders = fc.constantFrom(
  '',
  'c.a',
  'c.a DESC',
  'c.b',
  'c.d.e DESC',
  'c.id',
  'c.a, c.b DESC',
  'c.a DESC, c.b',
  'c.b DESC, c.a DESC, c.c',
)

/** What a query answers page by page over indexes, and all at once without any. */
function bothWays(query: string, list: readonly object[], maxItemCount: number) {
  const spec: QuerySpec = { query }
  return {
    indexed: answer(spec, new MemorySource(stored(list), { ...policy, seems: 'large' }), { maxItemCount })
      .results,
    plain: answer(spec, new MemorySource(stored(list), { ...policy, seems: 'small' }), { maxItemCount: 1000 })
      .results,
  }
}

const sorted = (list: readonly Json[]) => [...list].sort(compare)
const pages = fc.integer({ min: 1, max: 7 })

describe('the indexed way and the plain one', () => {
  it('find the same documents, in the same order', () => {
    fc.assert(
      fc.property(documents, conditions, orders, pages, (list, where, order, size) => {
        const keys = order.split(', ').map((item) => item.replace(/ DESC$/, ''))
        const select = order
          ? `c.id, [${keys.map((key) => `IS_DEFINED(${key}) ? [${key}] : []`).join(', ')}] AS keys`
          : 'c.id'
        const query = `SELECT ${select} FROM c WHERE ${where} ${order && `ORDER BY ${order}`}`
        const { indexed, plain } = bothWays(query, list, size)
        expect(sorted(indexed)).toEqual(sorted(plain))
        const order_ = (results: Json[]) => results.map((result) => (result as { keys?: Json }).keys)
        expect(order_(indexed)).toEqual(order_(plain))
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    'SELECT VALUE c.id FROM c WHERE $ ORDER BY c.id OFFSET 2 LIMIT 5',
    'SELECT TOP 4 VALUE c.id FROM c WHERE $ ORDER BY c.id DESC',
    'SELECT DISTINCT VALUE c.a FROM c WHERE $',
    'SELECT DISTINCT c.a, c.b FROM c WHERE $ ORDER BY c.a DESC, c.b',
    'SELECT c.a, c.b, COUNT(1) AS n, MAX(c.c) AS most FROM c WHERE $ GROUP BY c.a, c.b',
    'SELECT COUNT(c.c) AS n, MIN(c.c) AS least FROM c WHERE $',
    'SELECT VALUE [c.id, t] FROM c JOIN t IN c.tags WHERE $ ORDER BY c.id',
    'SELECT VALUE s.id FROM (SELECT c.id, c.a FROM c WHERE $) s WHERE s.a = "a" ORDER BY s.id',
    'SELECT VALUE e FROM c.d.e WHERE e >= "a"',
    'SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.a FROM c WHERE $) s',
  ])('answer the same: %s', (template) => {
    fc.assert(
      fc.property(documents, conditions, pages, (list, where, size) => {
        const { indexed, plain } = bothWays(
          template.replace('$', () => where),
          list,
          size,
        )
        expect(indexed).toEqual(plain)
      }),
      { numRuns: 100 },
    )
  })
})

describe('pages', () => {
  it.each(['', 'ORDER BY c.a', 'ORDER BY c.a DESC', 'ORDER BY c.a, c.b DESC'])(
    'give what is there all the time just once, whatever is written in between: %s',
    (order) => {
      const writes = fc.array(fc.tuple(fc.boolean(), fc.nat(40), small), { maxLength: 20 })
      fc.assert(
        fc.property(
          documents,
          writes,
          pages,
          fc.constantFrom('large' as const, 'small' as const),
          (list, changes, maxItemCount, seems) => {
            const source = new MemorySource(stored(list), { ...policy, seems })
            const steady = new Set(source.documents.keys())
            const spec = { query: `SELECT VALUE c.id FROM c WHERE c.b != 2 ${order}` }
            const seen: Json[] = []
            const pending = [...changes]
            let continuation: string | undefined
            do {
              const page = runQuery(spec, source, { maxItemCount, ...(continuation && { continuation }) })
              seen.push(...page.results)
              continuation = page.continuation
              const [adds, number, a] = pending.pop() ?? []
              if (adds) source.add({ id: `new ${pending.length}`, a, b: 1 })
              else if (number !== undefined && source.documents.delete(number)) steady.delete(number)
            } while (continuation !== undefined)
            const expected = [...source.documents].filter(
              ([rid, { b }]) => steady.has(rid) && b !== undefined && b !== 2,
            )
            for (const [, { id }] of expected) expect(seen.filter((one) => one === id)).toHaveLength(1)
            expect(new Set(seen).size).toBe(seen.length)
          },
        ),
        { numRuns: 100 },
      )
    },
  )
})

describe('any text', () => {
  it('is a query or is refused, and no more', () => {
    const pieces = fc.constantFrom(
      'SELECT',
      '*',
      'FROM',
      'c',
      'WHERE',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      '.',
      '"a"',
      "'",
      '1',
      '=',
      'AND',
      'NOT',
      'IN',
      'ORDER BY',
      'GROUP BY',
      'JOIN',
      'VALUE',
      '?',
      ':',
      '??',
      '@p',
      '--',
      '/*',
      'COUNT(1)',
      'LIKE',
      'OFFSET',
      'EXISTS',
      'x',
    )
    const source = new MemorySource([{ id: '1' }])
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 15 }).map((list) => list.join(' ')),
        fc.string(),
        (pieced, text) => {
          for (const query of [pieced, `SELECT ${pieced}`, `SELECT * FROM c WHERE ${pieced}`, text]) {
            try {
              runQuery({ query }, source)
            } catch (error) {
              expect((error as Error).name).toBe('QueryError')
            }
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('is a continuation token or is refused', () => {
    const source = new MemorySource([{ id: '1' }, { id: '2' }])
    const spec = { query: 'SELECT * FROM c' }
    const { continuation = '' } = runQuery(spec, source, { maxItemCount: 1 })
    const parts = JSON.parse(Buffer.from(continuation, 'base64url').toString()) as Json[]
    const forged = fc
      .jsonValue()
      .map((json) => Buffer.from(JSON.stringify([parts[0], parts[1], json])).toString('base64url'))
    const broken = fc
      .dictionary(
        fc.constantFrom('kind', 'index', 'reverse', 'range', 'after', 'rows', 'offset', 'limit'),
        fc.jsonValue(),
      )
      .map((change) =>
        Buffer.from(JSON.stringify([parts[0], parts[1], { ...(parts[2] as object), ...change }])).toString(
          'base64url',
        ),
      )
    fc.assert(
      fc.property(fc.oneof(fc.string(), forged, broken), (token) => {
        try {
          runQuery(spec, source, { continuation: token })
        } catch (error) {
          expect((error as Error).message).toContain('Invalid Continuation Token')
        }
      }),
      { numRuns: 2_000 },
    )
    expect(() => runQuery({ query: 'SELECT c.id FROM c' }, source, { continuation })).toThrow(
      'Invalid Continuation Token',
    )
  })
})
