import { describe, expect, it } from 'vitest'
import type { Json } from '../source.ts'
import { ask, value } from './memorySource.ts'

// Expectations: the page of each function under "NoSQL query language" on Microsoft Learn, with its examples.

type Case = [expression: string, expected: Json | undefined]

const check = (name: string, cases: Case[]) =>
  describe(name, () => {
    it.each(cases)('%s', (expression, expected) => expect(value(expression)).toEqual(expected))
  })

check('string functions', [
  ['CONCAT("a", "b", "c")', 'abc'],
  ['CONCAT("a", 1)', undefined],
  ['CONTAINS("Contoso", "tos")', true],
  ['CONTAINS("Contoso", "TOS")', false],
  ['CONTAINS("Contoso", "TOS", true)', true],
  ['CONTAINS("Contoso", 1)', undefined],
  ['CONTAINS(null, "a")', undefined],
  ['STARTSWITH("abc", "ab")', true],
  ['STARTSWITH("abc", "AB", true)', true],
  ['ENDSWITH("abc", "bc")', true],
  ['ENDSWITH("abc", "BC", false)', false],
  ['ENDSWITH("abc", "BC", true)', true],
  ['STRINGEQUALS("abc", "ABC")', false],
  ['StringEquals("abc", "ABC", true)', true],
  ['CONTAINS_ALL_CI("Have a nice day!", "HAVE", "NICE", "DAY!")', true],
  ['CONTAINS_ALL_CI("Have a nice day!", "had", "nice")', false],
  ['CONTAINS_ALL_CI("Have a nice day!", undefined, "nice")', undefined],
  ['CONTAINS_ALL_CI("Have a nice day!", undefined, "had")', false],
  ['CONTAINS_ALL_CS("Have a nice day!", "have")', false],
  ['CONTAINS_ANY_CI("Have a nice day!", "had", "NICE")', true],
  ['CONTAINS_ANY_CS("Have a nice day!", "had", "NICE")', false],
  ['INDEX_OF("abc", "c")', 2],
  ['INDEX_OF("abcabc", "a", 1)', 3],
  ['INDEX_OF("abc", "x")', -1],
  ['LASTINDEXOF("abcabc", "a")', 3],
  ['LASTINDEXOF("abcabc", "a", 2)', 0],
  ['LEFT("Microsoft", 5)', 'Micro'],
  ['LEFT("abc", 0)', ''],
  ['LEFT("abc", 99)', 'abc'],
  ['RIGHT("Microsoft", 4)', 'soft'],
  ['RIGHT("abc", 0)', ''],
  ['LENGTH("abc")', 3],
  ['LENGTH(3)', undefined],
  ['LOWER("ABC É")', 'abc é'],
  ['UPPER("abc é")', 'ABC É'],
  ['LTRIM("   abc ")', 'abc '],
  ['RTRIM(" abc   ")', ' abc'],
  ['TRIM("  abc  ")', 'abc'],
  ['TRIM("xxabcx", "x")', 'abc'],
  ['LTRIM("xyabc", "yx")', 'abc'],
  ['REPLACE("This is a Test", "Test", "desk")', 'This is a desk'],
  ['REPLACE("aaa", "a", "$&")', '$&$&$&'],
  ['REPLICATE("a", 3)', 'aaa'],
  ['REPLICATE("a", -1)', undefined],
  ['REPLICATE("a", 10001)', undefined],
  ['REVERSE("Abc")', 'cbA'],
  ['SUBSTRING("abcdef", 1, 3)', 'bcd'],
  ['SUBSTRING("abc", 2, 99)', 'c'],
  ['SUBSTRING("abc", 1, 0)', ''],
  ['STRINGJOIN(["a", "b"], "-")', 'a-b'],
  ['STRINGJOIN(["a", 1], "-")', undefined],
  ['STRINGSPLIT("a-b-c", "-")', ['a', 'b', 'c']],
  ['TOSTRING(1.5)', '1.5'],
  ['TOSTRING(true)', 'true'],
  ['TOSTRING({"a": [1]})', '{"a":[1]}'],
  ['TOSTRING("a")', 'a'],
  ['TOSTRING(undefined)', undefined],
  ['REGEXMATCH("abcd", "ABC", "i")', true],
  ['REGEXMATCH("abcd", "ABC")', false],
  ['REGEXMATCH("abcd", "a b c", "x")', true],
  ['REGEXMATCH("a\\nb", "^b$", "m")', true],
  ['REGEXMATCH("abcd", "ABC", "z")', undefined],
  ['REGEXMATCH("abcd", "(")', undefined],
])

check('conversions', [
  ['StringToArray("[1, 2]")', [1, 2]],
  ['StringToArray("{}")', undefined],
  ['StringToBoolean(" true ")', true],
  ['StringToBoolean("TRUE")', undefined],
  ['StringToNull("null")', null],
  ['StringToNumber("1.5e2")', 150],
  ['StringToNumber("0x1")', undefined],
  ['StringToObject("{\\"a\\": 1}")', { a: 1 }],
  ['StringToObject("{\'a\': 1}")', undefined],
])

check('maths', [
  ['ABS(-1)', 1],
  ['ABS("1")', undefined],
  ['CEILING(123.45)', 124],
  ['FLOOR(-123.45)', -124],
  ['ROUND(2.5)', 3],
  ['ROUND(-2.5)', -3],
  ['ROUND(2.4)', 2],
  ['ROUND(1.005, 2)', 1.01],
  ['ROUND(1234, -2)', 1200],
  ['TRUNC(-2.7)', -2],
  ['SIGN(-5)', -1],
  ['SQRT(9)', 3],
  ['SQRT(-1)', undefined],
  ['SQUARE(3)', 9],
  ['POWER(2, 10)', 1024],
  ['EXP(0)', 1],
  ['LOG(1)', 0],
  ['LOG(8, 2)', 3],
  ['LOG10(100)', 2],
  ['PI()', Math.PI],
  ['SIN(0)', 0],
  ['COS(0)', 1],
  ['TAN(0)', 0],
  ['ASIN(0)', 0],
  ['ACOS(1)', 0],
  ['ATAN(0)', 0],
  ['ATN2(0, 1)', 0],
  ['DEGREES(PI())', 180],
  ['RADIANS(180)', Math.PI],
  ['RAND() < 1', true],
  ['ROUND(COT(0.5), 4)', 1.8305],
  ['NumberBin(37752, 10)', 37750],
  ['NumberBin(37752, 0)', undefined],
  ['NumberBin(1.5)', 1],
  ['IntAdd(20, 10)', 30],
  ['IntAdd(20, 0.5)', undefined],
  ['IntSub(20, 10)', 10],
  ['IntMul(5, 3)', 15],
  ['IntDiv(12, 5)', 2],
  ['IntDiv(1, 0)', undefined],
  ['IntMod(12, 5)', 2],
  ['IntBitAnd(15, 25)', 9],
  ['IntBitOr(56, 100)', 124],
  ['IntBitXor(56, 100)', 92],
  ['IntBitNot(65)', -66],
  ['IntBitLeftShift(16, 4)', 256],
  ['IntBitRightShift(16, 4)', 1],
])

check('array functions', [
  ['ARRAY_CONCAT(["a"], ["b", "c"])', ['a', 'b', 'c']],
  ['ARRAY_CONCAT(["a"], "b")', undefined],
  ['ARRAY_CONTAINS(["a", "b"], "a")', true],
  ['ARRAY_CONTAINS([{"a": 1, "b": 2}], {"a": 1})', false],
  ['ARRAY_CONTAINS([{"a": 1, "b": 2}], {"a": 1}, true)', true],
  ['ARRAY_CONTAINS([{"a": 1, "b": 2}], {"b": 2, "a": 1})', true],
  ['ARRAY_CONTAINS([1], undefined)', false],
  ['ARRAY_CONTAINS("a", "a")', undefined],
  ['ARRAY_CONTAINS_ALL([1, 2, 3], 1, 3)', true],
  ['ARRAY_CONTAINS_ALL([1, 2, 3], 1, 4)', false],
  ['ARRAY_CONTAINS_ANY([1, 2, 3], 4, 3)', true],
  ['ARRAY_CONTAINS_ANY([1, 2, 3], 4, "1")', false],
  ['ARRAY_LENGTH([1, 2])', 2],
  ['ARRAY_LENGTH("ab")', undefined],
  ['ARRAY_SLICE(["a", "b", "c"], 1)', ['b', 'c']],
  ['ARRAY_SLICE(["a", "b", "c"], 1, 1)', ['b']],
  ['ARRAY_SLICE(["a", "b", "c"], -2, 1)', ['b']],
  ['ARRAY_SLICE(["a", "b", "c"], 1, -1)', []],
  ['ARRAY_AVG([1, 2, 3, 4])', 2.5],
  ['ARRAY_SUM([1, 2, 3, 4])', 10],
  ['ARRAY_MEDIAN([1, 2, 3, 4])', 2.5],
  ['ARRAY_MEDIAN([1.0, 2.0, 3.3, 4.7, 7.8])', 3.3],
  ['ARRAY_MEDIAN([1, -2.7, 3, -4, undefined])', -0.8500000000000001],
  ["ARRAY_MEDIAN([12, 'abc', true, null])", undefined],
  ['ARRAY_MAX([1, "a", 3])', 'a'],
  ['ARRAY_MIN([1, -2, 3])', -2],
  ['CHOOSE(2, "a", "b")', 'b'],
  ['CHOOSE(0, "a")', undefined],
  ['ObjectToArray({"a": 1})', [{ k: 'a', v: 1 }]],
  ['ObjectToArray({"a": 1}, "name", "value")', [{ name: 'a', value: 1 }]],
  ['ObjectToArray([1])', undefined],
  ['SetIntersect([1, 2, 3, 3], [3, 1, 1])', [1, 3]],
  ['SetUnion([1, 2], [2, 3, 3])', [1, 2, 3]],
  ['SetUnion([1, 2], [2, "1"])', [1, 2, '1']],
])

check('type checks', [
  ['IS_ARRAY([])', true],
  ['IS_ARRAY({})', false],
  ['IS_BOOL(false)', true],
  ['IS_DEFINED(null)', true],
  ['IS_DEFINED(undefined)', false],
  ['IS_NULL(null)', true],
  ['IS_NULL(undefined)', false],
  ['IS_NUMBER(1)', true],
  ['IS_NUMBER("1")', false],
  ['IS_OBJECT({})', true],
  ['IS_OBJECT([])', false],
  ['IS_OBJECT(null)', false],
  ['IS_PRIMITIVE("a")', true],
  ['IS_PRIMITIVE([])', false],
  ['IS_PRIMITIVE(undefined)', false],
  ['IS_STRING("a")', true],
  ['IS_INTEGER(1)', true],
  ['IS_INTEGER(1.5)', false],
  ['IS_FINITE_NUMBER(1)', true],
  ['IS_FINITE_NUMBER("1")', false],
  ['IS_DATETIME("2023-03-06")', true],
  ['IS_DATETIME("2023-03-06Z")', true],
  ['IS_DATETIME("2023-03-06 15:29:00Z")', true],
  ['IS_DATETIME("2023-03-06T15:29:59.1234567Z")', true],
  ['IS_DATETIME("2023-03-06T15:29:59.12345678Z")', false],
  ['IS_DATETIME("2023-02-30")', false],
  ['IS_DATETIME("2023-3-6")', false],
  ['IS_DATETIME(5)', false],
  ['IIF(1 = 1, "yes", "no")', 'yes'],
  ['IIF(1, "yes", "no")', 'no'],
  ['IIF(false, "yes", undefined)', undefined],
])

check('date and time', [
  ['DateTimeAdd("mm", 1, "2020-07-09T23:20:13.4575530Z")', '2020-08-09T23:20:13.4575530Z'],
  ['DateTimeAdd("yyyy", 1, "2020-02-29T00:00:00.0000000Z")', '2021-02-28T00:00:00.0000000Z'],
  ['DateTimeAdd("mm", -1, "2020-03-31T00:00:00Z")', '2020-02-29T00:00:00.0000000Z'],
  ['DateTimeAdd("hh", 25, "2020-07-09T00:00:00Z")', '2020-07-10T01:00:00.0000000Z'],
  ['DateTimeAdd("ns", 100, "2020-07-09T00:00:00Z")', '2020-07-09T00:00:00.0000001Z'],
  ['DateTimeAdd("year", 1.5, "2020-07-09T00:00:00Z")', undefined],
  ['DateTimeAdd("century", 1, "2020-07-09T00:00:00Z")', undefined],
  ['DateTimeAdd("dd", 1, "yesterday")', undefined],
  ['DateTimeBin("2021-01-08T18:35:00.0000000Z", "hh")', '2021-01-08T18:00:00.0000000Z'],
  ['DateTimeBin("2021-01-08T18:35:00.0000000Z", "dd", 7)', '2021-01-07T00:00:00.0000000Z'],
  ['DateTimeBin("2021-01-08T18:35:00Z", "hh", 5)', '2021-01-08T15:00:00.0000000Z'],
  ['DateTimeBin("2021-01-08T18:35:00Z", "dd", 1, "2021-01-01T12:00:00Z")', '2021-01-08T12:00:00.0000000Z'],
  ['DateTimeBin("2021-01-08T18:35:00Z", "dd", 0)', undefined],
  ['DateTimeBin("2021-01-08T18:35:00Z", "dd", 1, "1500-01-01")', undefined],
  ['DateTimeDiff("year", "2019-02-04T16:00:00Z", "2018-03-05T05:00:00Z")', -1],
  ['DateTimeDiff("month", "2019-02-04T16:00:00Z", "2018-03-05T05:00:00Z")', -11],
  ['DateTimeDiff("day", "2019-02-04T16:00:00Z", "2018-03-05T05:00:00Z")', -336],
  ['DateTimeDiff("hour", "2019-02-04T16:00:00Z", "2018-03-05T05:00:00Z")', -8075],
  ['DateTimeDiff("second", "2018-03-05T05:00:00Z", "2019-02-04T16:00:00Z")', 29070000],
  ['DateTimeFormat("2021-01-08T18:35:09.1234567Z", "yyyy-MM-dd hh:mm:ss tt")', '2021-01-08 06:35:09 PM'],
  ['DateTimeFormat("2021-01-08T18:35:09.1234567Z", "dddd d MMMM yy, HH.fff")', 'Friday 8 January 21, 18.123'],
  ['DateTimeFromParts(2020, 9, 4)', '2020-09-04T00:00:00.0000000Z'],
  ['DateTimeFromParts(2017, 4, 20, 13, 15, 20, 3456789)', '2017-04-20T13:15:20.3456789Z'],
  ['DateTimeFromParts(2020, 13, 4)', undefined],
  ['DateTimeFromParts(2020, 2, 30)', undefined],
  ['DateTimePart("yyyy", "2020-01-02T03:04:05.6789123Z")', 2020],
  ['DateTimePart("mm", "2020-01-02T03:04:05.6789123Z")', 1],
  ['DateTimePart("dd", "2020-01-02T03:04:05.6789123Z")', 2],
  ['DateTimePart("hh", "2020-01-02T03:04:05.6789123Z")', 3],
  ['DateTimePart("mi", "2020-01-02T03:04:05.6789123Z")', 4],
  ['DateTimePart("ss", "2020-01-02T03:04:05.6789123Z")', 5],
  ['DateTimePart("ms", "2020-01-02T03:04:05.6789123Z")', 678],
  ['DateTimePart("mcs", "2020-01-02T03:04:05.6789123Z")', 678912],
  ['DateTimePart("ns", "2020-01-02T03:04:05.6789123Z")', 678912300],
  ['YEAR("2020-01-02")', 2020],
  ['MONTH("2020-01-02")', 1],
  ['DAY("2020-01-02")', 2],
  ['DateTimeToTicks("2020-01-02T03:04:05.6789123Z")', 15779342456789124],
  ['DateTimeToTimestamp("2020-07-09T23:20:13.4575530Z")', 1594336813457],
  ['DateTimeToTimestamp("1969-12-31T23:59:59.9999999Z")', -1],
  ['TicksToDateTime(15943368134575530)', '2020-07-09T23:20:13.4575530Z'],
  ['TimestampToDateTime(1594227912345)', '2020-07-08T17:05:12.3450000Z'],
  ['TimestampToDateTime(1.5)', undefined],
])

describe('functions of the present time', () => {
  it('agree within a query', () => {
    const text = 'GetCurrentDateTime() = TimestampToDateTime(GetCurrentTimestamp())'
    expect(value(text)).toBe(true)
    expect(value('GetCurrentTicks() = GetCurrentTimestampStatic() * 10000')).toBe(true)
    expect(value('AGO("hh", 1) < NOW() AND NOW() = GetCurrentDateTimeStatic()')).toBe(true)
    expect(value('ABS(GetCurrentTimestamp() - @now) < 60000', { now: Date.now() })).toBe(true)
  })
})

describe('aggregate functions', () => {
  const items = [{ x: 3 }, { x: 1 }, {}, { x: 2 }]
  it.each([
    ['COUNT(1)', 4],
    ['COUNT(c.x)', 3],
    ['SUM(c.x)', 6],
    ['AVG(c.x)', 2],
    ['MIN(c.x)', 1],
    ['MAX(c.x)', 3],
    ['{"n": COUNT(1), "half": SUM(c.x) / 2}', { n: 4, half: 3 }],
  ] as Case[])('%s', (text, expected) =>
    expect(ask(`SELECT VALUE ${text} FROM c`, items)).toEqual([expected]),
  )

  it('take no other values for numbers', () => {
    const mixed = [{ x: 1 }, { x: 'a' }, { x: null }, { x: true }]
    expect(
      ask('SELECT SUM(c.x) AS s, AVG(c.x) AS a, MIN(c.x) AS least, MAX(c.x) AS most FROM c', mixed),
    ).toEqual([{ least: null, most: 'a' }])
    expect(ask('SELECT VALUE MAX(c.x) FROM c', [{ x: [1] }])).toEqual([])
  })

  it('count nothing as nothing', () => {
    expect(ask('SELECT COUNT(1) AS n, AVG(c.x) AS a FROM c', [])).toEqual([{ n: 0 }])
  })

  it('have numbered names when they have none', () => {
    expect(ask('SELECT COUNT(1), MAX(c.x) FROM c', items)).toEqual([{ $1: 4, $2: 3 }])
  })
})
