import { describe, expect, it } from 'vitest'
import { compileCondition } from '../condition.ts'
import { QueryError } from '../error.ts'
import { runQuery } from '../run.ts'
import { ask, type MemoryOptions, MemorySource } from './memorySource.ts'

// Texts and codes as the service gives them, read in issues of the SDKs' repositories: azure-cosmos-dotnet-v3 #1328 (SC2001),
// #1615 (SC1002), #2813 (SC2050), azure-cosmos-dotnet-v2 #858 (SC1001), efcore #33858; indexing in "Troubleshoot query issues".

function refusal(query: string, options: MemoryOptions = {}): QueryError {
  try {
    runQuery({ query }, new MemorySource([{ id: '1', tags: [1, 2] }], options))
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError)
    return error as QueryError
  }
  throw new Error(`Taken: ${query}`)
}

describe('a query that cannot be read', () => {
  it.each([
    ['SELECT', 'SC1002', 'Syntax error, unexpected end-of-file.', 6, 6],
    ['SELECT * FROM', 'SC1002', 'Syntax error, unexpected end-of-file.', 13, 13],
    ['SELECT ROW_NUMBER() OVER(ORDER BY c.x)', 'SC1001', "Syntax error, incorrect syntax near '('.", 24, 25],
    ['SELECT c.id AS Value FROM c', 'SC1001', "Syntax error, incorrect syntax near 'Value'.", 15, 20],
    ['SELEC * FROM c', 'SC1001', "Syntax error, incorrect syntax near 'SELEC'.", 0, 5],
    ['SELECT * FROM c WHERE c.order = 1', 'SC1001', "Syntax error, incorrect syntax near 'order'.", 24, 29],
    ['SELECT * FROM c WHERE', 'SC1002', 'Syntax error, unexpected end-of-file.', 21, 21],
    ['SELECT c.* FROM c', 'SC1001', "Syntax error, incorrect syntax near '*'.", 9, 10],
    ['SELECT * FROM c; DROP c', 'SC1010', "Syntax error, invalid token ';'.", 15, 16],
    ['SELECT * FROM c WHERE c.a = "x', 'SC1010', "Syntax error, invalid token '\"x'.", 28, 30],
    ['SELECT VALUE 1e400', 'SC1001', "Syntax error, incorrect syntax near '1e400'.", 13, 18],
    ['SELECT TOP -1 * FROM c', 'SC1001', "Syntax error, incorrect syntax near '-'.", 11, 12],
    ['SELECT * FROM c LIMIT 1', 'SC1001', "Syntax error, incorrect syntax near 'LIMIT'.", 16, 21],
    ['SELECT * FROM c ORDER BY', 'SC1002', 'Syntax error, unexpected end-of-file.', 24, 24],
    [
      'SELECT * FROM c ORDER BY RANK FullTextScore(c.a, "b")',
      'SC2005',
      'This server does not imitate full-text search: ORDER BY RANK is not supported.',
      25,
      29,
    ],
  ])('%s', (query, code, reason, start, end) => {
    const error = refusal(query)
    expect(error.reason).toBe(reason)
    expect(JSON.parse(error.message)).toEqual({
      errors: [{ severity: 'Error', location: { start, end }, code, message: reason }],
    })
  })
})

describe('a query without a meaning', () => {
  it.each([
    ['SELECT d.id FROM c', "Identifier 'd' could not be resolved."],
    ['SELECT VALUE x FROM c', "Identifier 'x' could not be resolved."],
    ['SELECT * FROM c JOIN t IN d.tags', "Identifier 'd' could not be resolved."],
    ['SELECT VALUE FOO(1)', "'FOO' is not a recognized built-in function name."],
    ['SELECT VALUE CONTAINS("a")', 'The CONTAINS function requires 2 to 3 argument(s).'],
    ['SELECT VALUE ABS(1, 2)', 'The ABS function requires 1 argument(s).'],
    ['SELECT * FROM c JOIN t IN c.tags', "'SELECT *' is only valid with a single input set."],
    ['SELECT *', "'SELECT *' is not valid if FROM clause is omitted."],
    [
      'SELECT c.id, COUNT(1) FROM c',
      "Property reference 'c.id' is invalid in the select list because it is not contained in an aggregate function or in the GROUP BY clause.",
    ],
    [
      'SELECT c.id FROM c GROUP BY c.kind',
      "Property reference 'c.id' is invalid in the select list because it is not contained in an aggregate function or in the GROUP BY clause.",
    ],
    ['SELECT c.k FROM c GROUP BY c.k ORDER BY c.k', "'ORDER BY' is not supported together with 'GROUP BY'."],
    ['SELECT TOP 1 * FROM c OFFSET 1 LIMIT 1', "'TOP' is not supported together with 'OFFSET LIMIT'."],
    [
      'SELECT VALUE (SELECT VALUE t FROM t IN c.tags) FROM c',
      'The cardinality of a scalar subquery result set cannot be greater than one.',
    ],
    [
      'SELECT * FROM c ORDER BY UPPER(c.id)',
      'Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.',
    ],
    [
      'SELECT * FROM c ORDER BY c',
      'Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.',
    ],
    [
      'SELECT c.id FROM c JOIN t IN c.tags ORDER BY t.x',
      'Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.',
    ],
    [
      'SELECT * FROM (SELECT c.a + 1 AS b FROM c) s ORDER BY s.b',
      'Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.',
    ],
    ['SELECT * FROM c WHERE c.id = @id', "The parameter '@id' has no value."],
    [
      'SELECT VALUE udf.tax(c.price) FROM c',
      'User-defined functions are not supported by this server: udf.tax.',
    ],
    [
      'SELECT * FROM c WHERE FullTextContains(c.a, "b")',
      'This server does not imitate full-text search: FULLTEXTCONTAINS is not supported.',
    ],
    [
      'SELECT VALUE VectorDistance(c.a, [1]) FROM c',
      'This server does not imitate vector search: VECTORDISTANCE is not supported.',
    ],
    [
      'SELECT VALUE ST_DISTANCE(c.a, c.b) FROM c',
      'This server does not imitate spatial functions: ST_DISTANCE is not supported.',
    ],
  ])('%s', (query, reason) => expect(refusal(query).reason).toBe(reason))

  it.each([
    'SELECT * FROM c WHERE COUNT(1) > 1',
    'SELECT COUNT(MAX(c.a)) FROM c',
    'SELECT c.a FROM c GROUP BY COUNT(1)',
  ])('has no aggregate there: %s', (query) => expect(refusal(query).reason).toContain('is not allowed here'))

  it('has an alias only once', () => {
    expect(refusal('SELECT c.id FROM c JOIN c IN c.tags').reason).toContain("'c' is specified more than once")
  })

  it('counts in whole numbers', () => {
    for (const n of ['1', 1.5, -1, null])
      expect(() => ask('SELECT TOP @n * FROM c', [], { n })).toThrow('TOP value must be an integer')
  })
})

describe('an order that the indexing policy does not give', () => {
  const composite: MemoryOptions = {
    excluded: ['/a'],
    compositeIndexes: [
      [
        ['/b', 'asc'],
        ['/c', 'desc'],
      ],
    ],
  }
  it('is refused', () => {
    expect(refusal('SELECT * FROM c ORDER BY c.a', composite).reason).toBe(
      'The index path corresponding to the specified order-by item is excluded.',
    )
    for (const order of ['c.b, c.c', 'c.c DESC, c.b', 'c.b, c.c DESC, c.d', 'c.b, c.d'])
      expect(refusal(`SELECT * FROM c ORDER BY ${order}`, composite).reason).toBe(
        'The order by query does not have a corresponding composite index that it can be served from.',
      )
  })

  it('is given by a composite index in both directions', () => {
    const source = new MemorySource(
      [
        { b: 1, c: 1 },
        { b: 1, c: 2 },
        { b: 2, c: 3 },
      ],
      composite,
    )
    const values = (order: string) =>
      runQuery({ query: `SELECT VALUE c.c FROM c ORDER BY ${order}` }, source).results
    expect(values('c.b ASC, c.c DESC')).toEqual([2, 1, 3])
    expect(values('c.b DESC, c.c ASC')).toEqual([3, 1, 2])
  })

  it('does not matter for a filter', () => {
    const source = new MemorySource([{ a: 1 }, { a: 2 }], composite)
    expect(runQuery({ query: 'SELECT VALUE c.a FROM c WHERE c.a > 1' }, source).results).toEqual([2])
  })
})

describe('a query that is too much', () => {
  it('is a pattern that would be looked for without end', () => {
    const query = `SELECT VALUE REGEXMATCH('${'a'.repeat(40)}!', '^(a+)+$')`
    expect(() => ask(query)).toThrow(/REGEXMATCH took longer/)
  })

  it.each([
    ['parentheses', `SELECT VALUE ${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
    ['subqueries', `SELECT VALUE ${'(SELECT VALUE '.repeat(5_000)}1${')'.repeat(5_000)}`],
    ['NOT', `SELECT VALUE ${'NOT '.repeat(50_000)} true`],
    ['minus', `SELECT VALUE ${'- '.repeat(50_000)} 1`],
    ['a chain of additions', `SELECT VALUE 1${' + 1'.repeat(50_000)}`],
    ['a chain of properties', `SELECT VALUE c${'.a'.repeat(50_000)} FROM c`],
    ['a chain of ??', `SELECT VALUE undefined${' ?? undefined'.repeat(20_000)}`],
    ['?:', `SELECT VALUE ${'true ? 1 : '.repeat(20_000)}1`],
    ['text', `SELECT VALUE "${'a'.repeat(600_000)}"`],
  ])('is refused in words: %s', (_, query) => expect(() => ask(query)).toThrow(QueryError))

  it('is no long list of values, nor a long text', () => {
    const list = Array.from({ length: 20_000 }, (_, i) => i).join(', ')
    expect(ask(`SELECT VALUE 5 IN (${list})`)).toEqual([true])
    expect(ask(`SELECT VALUE ${Array(20_000).fill('false').join(' OR ')}`)).toEqual([false])
    expect(ask(`SELECT VALUE LENGTH("${'a'.repeat(400_000)}")`)).toEqual([400_000])
  })
})

describe("a patch's condition", () => {
  const document = { id: '1', state: 'Open', isOpen: true, items: [{ n: 1 }], 'two words': 2 }
  it.each([
    ["FROM c WHERE c.state = 'Open'", true],
    ["from c where c.state = 'open'", false],
    ['from root r where r.isOpen', true],
    ['FROM products p WHERE p.missing > 1', false],
    ['FROM c WHERE EXISTS(SELECT VALUE i FROM i IN c.items WHERE i.n = 1)', true],
    ['FROM c WHERE c["two words"] = 2 AND IS_DEFINED(c.id)', true],
  ])('%s', (text, expected) => expect(compileCondition(text)(document)).toBe(expected))

  it.each([
    'c.state = 1',
    'FROM c',
    'SELECT * FROM c WHERE true',
    'FROM c WHERE d.state = 1',
    'FROM c WHERE COUNT(1) = 1',
  ])('is refused: %s', (text) => expect(() => compileCondition(text)).toThrow(QueryError))
})
