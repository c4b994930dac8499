import { describe, expect, it } from 'vitest'
import type { Json } from '../source.ts'
import { ask, value } from './memorySource.ts'

// Expectations: "NoSQL query language" on Microsoft Learn (clauses, keywords, operators, subqueries, constants); values and
// types as the .NET SDK's offline engine has them; precedence by sql.g4 of the same SDK.

const families = [
  {
    id: 'Andersen',
    lastName: 'Andersen',
    address: { state: 'WA', city: 'Seattle' },
    children: [{ givenName: 'Henriette', grade: 5, pets: [{ givenName: 'Fluffy' }] }],
    isRegistered: true,
  },
  {
    id: 'Wakefield',
    address: { state: 'NY', city: 'NY' },
    children: [
      { givenName: 'Jesse', grade: 1, pets: [{ givenName: 'Goofy' }, { givenName: 'Shadow' }] },
      { givenName: 'Lisa', grade: 8 },
    ],
    isRegistered: false,
  },
]

const mixed = [
  { id: 'undefined' },
  { id: 'null', v: null },
  { id: 'false', v: false },
  { id: 'true', v: true },
  { id: 'number', v: 1 },
  { id: 'string', v: '1' },
  { id: 'array', v: [1] },
  { id: 'object', v: { a: 1 } },
]

const ids = (where: string, documents: object[] = mixed) =>
  ask(`SELECT VALUE c.id FROM c WHERE ${where}`, documents)

describe('SELECT', () => {
  it.each([
    ['SELECT * FROM c', families],
    ['SELECT c.id FROM c', [{ id: 'Andersen' }, { id: 'Wakefield' }]],
    ['SELECT VALUE c.lastName FROM c', ['Andersen']],
    ['SELECT c.lastName FROM c', [{ lastName: 'Andersen' }, {}]],
    ['SELECT c.address.city AS town FROM c', [{ town: 'Seattle' }, { town: 'NY' }]],
    ['SELECT c.address.city town FROM c', [{ town: 'Seattle' }, { town: 'NY' }]],
    ['SELECT TOP 1 c.id FROM c', [{ id: 'Andersen' }]],
    [
      'SELECT VALUE {"name": c.id, "at": c.address.state} FROM c',
      [
        { name: 'Andersen', at: 'WA' },
        { name: 'Wakefield', at: 'NY' },
      ],
    ],
    ['SELECT VALUE {name: c.id} FROM c WHERE c.isRegistered', [{ name: 'Andersen' }]],
    ['SELECT VALUE [c.id, c.missing, 1] FROM c WHERE c.isRegistered', [['Andersen', 1]]],
    ['SELECT c.id, {"a": 1}, 1 + 1 FROM c WHERE c.isRegistered', [{ id: 'Andersen', $1: { a: 1 }, $2: 2 }]],
    ['SELECT c FROM c WHERE c.id = "Andersen"', [{ c: families[0] }]],
    [
      'SELECT c["id"], c["address"]["city"] FROM c WHERE c.isRegistered',
      [{ id: 'Andersen', city: 'Seattle' }],
    ],
    [
      'SELECT c.children[0].grade, c.children[1] FROM c',
      [{ grade: 5 }, { grade: 1, $1: { givenName: 'Lisa', grade: 8 } }],
    ],
    ['select value c.id from c where c.isRegistered', ['Andersen']],
    ['SELECT VALUE 1', [1]],
    ['SELECT 1 AS one, "a" AS b', [{ one: 1, b: 'a' }]],
    ['SELECT VALUE c.address.state = "WA" FROM c', [true, false]],
    ['SELECT VALUE f.id FROM families f', ['Andersen', 'Wakefield']],
    ['SELECT VALUE r.id FROM root AS r', ['Andersen', 'Wakefield']],
    ['SELECT VALUE root.id FROM root', ['Andersen', 'Wakefield']],
  ] as [string, Json[]][])('%s', (query, expected) => expect(ask(query, families)).toEqual(expected))
})

describe('FROM and JOIN', () => {
  it.each([
    ['SELECT * FROM c.address', [families[0]?.address, families[1]?.address]],
    ['SELECT VALUE address.city FROM c.address', ['Seattle', 'NY']],
    ['SELECT VALUE x.givenName FROM x IN c.children', ['Henriette', 'Jesse', 'Lisa']],
    ['SELECT VALUE x.givenName FROM c.children[1] x', ['Lisa']],
    ['SELECT VALUE x FROM c["address"].state AS x', ['WA', 'NY']],
    [
      'SELECT c.id, k.grade FROM c JOIN k IN c.children',
      [
        { id: 'Andersen', grade: 5 },
        { id: 'Wakefield', grade: 1 },
        { id: 'Wakefield', grade: 8 },
      ],
    ],
    [
      'SELECT VALUE p.givenName FROM c JOIN k IN c.children JOIN p IN k.pets WHERE k.grade < 5',
      ['Goofy', 'Shadow'],
    ],
    [
      'SELECT VALUE [a.grade, b.grade] FROM c JOIN a IN c.children JOIN b IN c.children WHERE a.grade < b.grade',
      [[1, 8]],
    ],
    ['SELECT c.id FROM c JOIN c.address', [{ id: 'Andersen' }, { id: 'Wakefield' }]],
    ['SELECT c.id FROM c JOIN n IN c.nothing', []],
    ['SELECT VALUE k FROM c JOIN (SELECT VALUE k.grade FROM k IN c.children WHERE k.grade > 4) AS k', [5, 8]],
    [
      'SELECT VALUE k FROM c JOIN k IN (SELECT VALUE c.children)',
      families.flatMap(({ children }) => children),
    ],
    ['SELECT VALUE s.n FROM (SELECT c.id AS n FROM c WHERE c.isRegistered) AS s', ['Andersen']],
    ['SELECT VALUE s FROM (SELECT VALUE c.address.city FROM c) s WHERE s != "NY"', ['Seattle']],
    ['SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE k.grade FROM k IN c.children) s', [3]],
    ['SELECT VALUE s.n FROM (SELECT COUNT(1) AS n FROM c) s', [2]],
    ['SELECT VALUE (SELECT VALUE COUNT(1) FROM c)', [2]],
  ] as [string, Json[]][])('%s', (query, expected) => expect(ask(query, families)).toEqual(expected))
})

describe('subqueries', () => {
  it.each([
    [
      'SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE k FROM k IN c.children WHERE k.grade = 8)',
      ['Wakefield'],
    ],
    [
      'SELECT VALUE c.id FROM c WHERE NOT EXISTS(SELECT VALUE k FROM k IN c.children WHERE k.grade = 8)',
      ['Andersen'],
    ],
    [
      'SELECT VALUE EXISTS(SELECT VALUE p FROM k IN c.children JOIN p IN k.pets WHERE p.givenName = "Goofy") FROM c',
      [false, true],
    ],
    ['SELECT VALUE ARRAY(SELECT VALUE k.grade FROM k IN c.children) FROM c', [[5], [1, 8]]],
    [
      'SELECT VALUE ARRAY(SELECT k.grade FROM k IN c.children WHERE k.grade > 4) FROM c',
      [[{ grade: 5 }], [{ grade: 8 }]],
    ],
    ['SELECT VALUE (SELECT VALUE COUNT(1) FROM k IN c.children) FROM c', [1, 2]],
    [
      'SELECT c.id, (SELECT VALUE MAX(k.grade) FROM k IN c.children) AS best FROM c',
      [
        { id: 'Andersen', best: 5 },
        { id: 'Wakefield', best: 8 },
      ],
    ],
    ['SELECT VALUE c.id FROM c WHERE (SELECT VALUE SUM(k.grade) FROM k IN c.children) > 5', ['Wakefield']],
    [
      'SELECT VALUE ARRAY(SELECT DISTINCT VALUE k.givenName FROM k IN c.children ORDER BY k.givenName DESC) FROM c',
      [['Henriette'], ['Lisa', 'Jesse']],
    ],
    ['SELECT VALUE ARRAY(SELECT TOP 1 VALUE k.grade FROM k IN c.children) FROM c', [[5], [1]]],
    ['SELECT VALUE ARRAY(SELECT VALUE k.grade FROM k IN c.children OFFSET 1 LIMIT 1) FROM c', [[], [8]]],
    [
      'SELECT VALUE ARRAY(SELECT k.grade > 4 AS high, COUNT(1) AS n FROM k IN c.children GROUP BY k.grade > 4) FROM c',
      [
        [{ high: true, n: 1 }],
        [
          { high: false, n: 1 },
          { high: true, n: 1 },
        ],
      ],
    ],
    ['SELECT VALUE (SELECT VALUE k.grade FROM k IN c.children WHERE k.grade = 99) FROM c', []],
  ] as [string, Json[]][])('%s', (query, expected) => expect(ask(query, families)).toEqual(expected))
})

describe('comparison', () => {
  it.each([
    ['c.v = 1', ['number']],
    ['c.v = "1"', ['string']],
    ['c.v = true', ['true']],
    ['c.v = null', ['null']],
    ['c.v = [1]', ['array']],
    ['c.v = {"a": 1}', ['object']],
    ['c.v != null', ['false', 'true', 'number', 'string', 'array', 'object']],
    ['NOT (c.v = 1)', ['null', 'false', 'true', 'string', 'array', 'object']],
    ['c.v > 0', ['number']],
    ['c.v >= "0"', ['string']],
    ['c.v < true', ['false']],
    ['c.v <= null', ['null']],
    ['c.v > [0]', []],
    ['c.v < {"a": 2}', []],
    ['c.v = undefined', []],
    ['c.v IN (1, "1", null)', ['null', 'number', 'string']],
    ['c.v NOT IN (1, "1", null)', ['false', 'true', 'array', 'object']],
    ['c.v IN ([1], {"a": 1})', ['array', 'object']],
    ['c.v BETWEEN 0 AND 1', ['number']],
    ['c.v NOT BETWEEN 2 AND 3', ['number']],
    ['c.v BETWEEN "0" AND "2"', ['string']],
    ['c.v', ['true']],
    ['NOT c.v', ['false']],
    ['IS_DEFINED(c.v) AND NOT IS_NULL(c.v) AND IS_PRIMITIVE(c.v)', ['false', 'true', 'number', 'string']],
    ['c.missing.deep = 1 OR c.v = 1', ['number']],
    ['NOT (c.missing = 1)', []],
    ['c.id > "a" AND c.id < "o"', ['null', 'false', 'number', 'array']],
    ['"number" = c.id', ['number']],
    ['c.v <> 1', ['null', 'false', 'true', 'string', 'array', 'object']],
  ] as [string, string[]][])('WHERE %s', (where, expected) => expect(ids(where)).toEqual(expected))
})

describe('operators', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 % 4 - -1', 4],
    ['1 / 0', undefined],
    ['1 + "1"', undefined],
    ['-"1"', undefined],
    ['+1', 1],
    ['1-1', 0],
    ['.5 + 1.', 1.5],
    ['1e3', 1000],
    ['5 & 3', 1],
    ['5 | 3', 7],
    ['5 ^ 3', 6],
    ['~5', -6],
    ['100 >> 2', 25],
    ['-100 >>> 30', 3],
    ['1 << 4', 16],
    ['6 & 3 | 8', 10],
    ['"a" || "b"', 'ab'],
    ['"a" || 1', undefined],
    ['1 < 2 = true', true],
    ['2 + 2 = 4 AND NOT false', true],
    ['true AND undefined', undefined],
    ['undefined AND false', false],
    ['undefined OR true', true],
    ['false OR undefined', undefined],
    ['1 AND true', undefined],
    ['true OR false AND false', true],
    ['NOT undefined', undefined],
    ['NOT 1', undefined],
    ['1 = 1 ? "yes" : "no"', 'yes'],
    ['undefined ? 1 : 2', 2],
    ['false ? 1 : true ? 2 : 3', 2],
    ['undefined ?? 1', 1],
    ['null ?? 1', null],
    ['undefined ?? undefined ?? 3', 3],
    ['[1, 2, 3][1]', 2],
    ['[1][5]', undefined],
    ['{"a": {"b": 1}}.a.b', 1],
    ['{"a": 1}["a"]', 1],
    ['{"a": 1}["a" || "b"]', undefined],
    ['{"ab": 1}["a" || "b"]', 1],
    ['{"a": undefined}', {}],
    ['{"__proto__": 1}["__proto__"]', 1],
    ['{"a": 1}.constructor', undefined],
    ['[undefined, 1]', [1]],
    ['{"a": 1, "b": [2]} = {"b": [2], "a": 1}', true],
    ['"a" = \'a\'', true],
    [`"\\u00e9\\n\\"\\\\" || 'it\\'s'`, 'é\n"\\it\'s'],
    ['"é" < "z"', false],
    ['"Z" < "a"', true],
    ['null = null', true],
    ['null < 1', undefined],
    ['false < true', true],
  ] as [string, Json | undefined][])('%s', (expression, expected) =>
    expect(value(expression)).toEqual(expected),
  )
})

describe('LIKE', () => {
  it.each([
    ['"Road Bike" LIKE "Road%"', true],
    ['"Road Bike" LIKE "%Bike"', true],
    ['"Road Bike" LIKE "%ad B%"', true],
    ['"Road Bike" LIKE "Ro_d%"', true],
    ['"Road Bike" LIKE "road%"', false],
    ['"Road" NOT LIKE "%x%"', true],
    ['"SOtPS" LIKE "SO[t-z]PS"', true],
    ['"SOaPS" LIKE "SO[t-z]PS"', false],
    ['"SOdPS" LIKE "SO[^abc]PS"', true],
    ['"SOaPS" LIKE "SO[^abc]PS"', false],
    ['"save 20% now" LIKE "%20^%%" ESCAPE "^"', true],
    ['"save 200 now" LIKE "%20^%%" ESCAPE "^"', false],
    ['"20-30%" LIKE "20-30[%]"', true],
    ['"_n" LIKE "[_]n"', true],
    ['"an" LIKE "[_]n"', false],
    ['"[" LIKE "[ [ ]"', true],
    ['"]" LIKE "]"', true],
    ['1 LIKE "1"', undefined],
    ['"a" LIKE undefined', undefined],
    ['"a\\nb" LIKE "a_b"', true],
  ] as [string, Json | undefined][])('%s', (expression, expected) =>
    expect(value(expression)).toEqual(expected),
  )
})

describe('words and names', () => {
  const [document] = [{ id: '1', order: 1, value: 2, 'first name': 3, a: { select: 4 }, top: 5 }]
  it.each([
    ['SELECT VALUE c["order"] FROM c', [1]],
    ["SELECT VALUE c['value'] FROM c", [2]],
    ['SELECT VALUE c["first name"] FROM c', [3]],
    ['SELECT VALUE c.a["select"] FROM c', [4]],
    ['SELECT VALUE c.order FROM c', undefined],
    ['SELECT VALUE c.value FROM c', undefined],
    ['SELECT c.a AS order FROM c', undefined],
    ['-- a comment\nSELECT /* and\nanother */ VALUE c.id -- end\nFROM c', ['1']],
    ['SELECT VALUE C.id FROM c', undefined],
    ['SELECT VALUE Count(1) FROM c', [1]],
    ['SELECT VALUE lower("A") FROM c', ['a']],
    ['SELECT VALUE TRUE FROM c', undefined],
  ] as [string, Json[] | undefined][])('%s', (query, expected) => {
    if (expected) expect(ask(query, [document])).toEqual(expected)
    else expect(() => ask(query, [document])).toThrow()
  })

  it('takes parameters anywhere a value stands', () => {
    const query = 'SELECT TOP @n VALUE c.id FROM c WHERE c.v = @v OR c.v IN (@list, @w) OR c.v = @object'
    const parameters = { n: 10, v: 1, list: [1], w: null, object: { a: 1 } }
    expect(ask(query, mixed, parameters)).toEqual(['null', 'number', 'array', 'object'])
    expect(ask('SELECT VALUE c.id FROM c ORDER BY c.id OFFSET @o LIMIT @l', mixed, { o: 1, l: 2 })).toEqual([
      'false',
      'null',
    ])
    expect(ask('SELECT @x AS x, @x.y AS y, @x["y"] AS z', [], { x: { y: 1 } })).toEqual([
      { x: { y: 1 }, y: 1, z: 1 },
    ])
  })
})

describe('DISTINCT', () => {
  const documents = [1, '1', 1, null, null, undefined, { a: 1, b: 2 }, { b: 2, a: 1 }, [1], [1]].map(
    (v, i) => ({ id: `${i}`, v }),
  )
  it('knows values apart by type, and objects together whatever the order of their names', () => {
    expect(ask('SELECT DISTINCT VALUE c.v FROM c', documents)).toEqual([null, 1, '1', [1], { a: 1, b: 2 }])
    expect(ask('SELECT DISTINCT c.v FROM c WHERE NOT IS_OBJECT(c.v)', documents)).toHaveLength(5)
  })

  it('goes with ORDER BY, TOP and OFFSET LIMIT', () => {
    const query = 'SELECT DISTINCT VALUE c.v FROM c WHERE IS_PRIMITIVE(c.v) ORDER BY c.v DESC'
    expect(ask(query, documents)).toEqual(['1', 1, null])
    expect(ask(`${query} OFFSET 1 LIMIT 1`, documents)).toEqual([1])
    expect(ask('SELECT DISTINCT TOP 2 VALUE c.v FROM c', documents)).toEqual([null, 1])
  })
})

describe('GROUP BY', () => {
  const documents = [
    { id: '1', kind: 'a', n: 1, at: { city: 'x' } },
    { id: '2', kind: 'b', n: 2, at: { city: 'x' } },
    { id: '3', kind: 'a', n: 3, at: { city: 'y' } },
    { id: '4', n: 4 },
  ]
  it.each([
    [
      'SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind',
      [{ n: 1 }, { kind: 'a', n: 2 }, { kind: 'b', n: 1 }],
    ],
    ['SELECT c.kind FROM c GROUP BY c.kind', [{}, { kind: 'a' }, { kind: 'b' }]],
    ['SELECT VALUE c.kind FROM c GROUP BY c.kind', ['a', 'b']],
    [
      'SELECT SUM(c.n) AS sum, c.kind FROM c WHERE c.n < 4 GROUP BY c.kind',
      [
        { sum: 4, kind: 'a' },
        { sum: 2, kind: 'b' },
      ],
    ],
    [
      'SELECT c.kind, c.at.city, MAX(c.n) AS most FROM c WHERE IS_DEFINED(c.kind) GROUP BY c.kind, c.at.city',
      [
        { kind: 'a', city: 'x', most: 1 },
        { kind: 'a', city: 'y', most: 3 },
        { kind: 'b', city: 'x', most: 2 },
      ],
    ],
    [
      'SELECT UPPER(c.kind) AS k, "fix" AS f FROM c WHERE IS_DEFINED(c.kind) GROUP BY UPPER(c.kind)',
      [
        { k: 'A', f: 'fix' },
        { k: 'B', f: 'fix' },
      ],
    ],
    [
      'SELECT VALUE {"k": c.kind, "avg": AVG(c.n)} FROM c WHERE c.n < 4 GROUP BY c.kind OFFSET 1 LIMIT 1',
      [{ k: 'b', avg: 2 }],
    ],
    ['SELECT c.at.city FROM c WHERE c.n < 3 GROUP BY c.at', [{ city: 'x' }]],
    ['SELECT COUNT(1) AS n FROM c WHERE c.n > 99 GROUP BY c.kind', []],
  ] as [string, Json[]][])('%s', (query, expected) => expect(ask(query, documents)).toEqual(expected))
})

describe('ORDER BY', () => {
  it('orders values of different types', () => {
    const all = mixed.map(({ id }) => id)
    expect(ask('SELECT VALUE c.id FROM c ORDER BY c.v', mixed.toReversed())).toEqual(all)
    expect(ask('SELECT VALUE c.id FROM c ORDER BY c.v DESC', mixed)).toEqual(all.toReversed())
  })

  it('orders numbers as numbers and strings by their units', () => {
    const numbers = [-1e300, -2, -0.5, 0, 1e-9, 1, 10, 9e200].map((n) => ({ n }))
    expect(ask('SELECT VALUE c.n FROM c ORDER BY c.n', numbers.toReversed())).toEqual(
      numbers.map(({ n }) => n),
    )
    const texts = ['', '\u0000', '\u0001', 'A', 'Z', 'a', 'aa', 'é', '\ud83d\ude00', '\uffff'].map((t) => ({
      t,
    }))
    expect(ask('SELECT VALUE c.t FROM c ORDER BY c.t', texts.toReversed())).toEqual(texts.map(({ t }) => t))
  })

  it('counts from OFFSET to LIMIT', () => {
    expect(ask('SELECT VALUE c.id FROM c ORDER BY c.id ASC OFFSET 2 LIMIT 3', mixed)).toEqual([
      'null',
      'number',
      'object',
    ])
    expect(ask('SELECT VALUE c.id FROM c OFFSET 7 LIMIT 10', mixed)).toEqual(['object'])
    expect(ask('SELECT VALUE c.id FROM c OFFSET 99 LIMIT 1', mixed)).toEqual([])
    expect(ask('SELECT TOP 0 * FROM c', mixed)).toEqual([])
    expect(ask('SELECT * FROM c OFFSET 0 LIMIT 0', mixed)).toEqual([])
  })
})
