import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { colourOf } from '../vite/colours.ts'

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')

/** Both colours of a token, as the style sheet has them. */
function colours(token: string): [light: string, dark: string] {
  const value = new RegExp(`--${token}: ([^;]+);`).exec(css)?.[1] ?? ''
  const [light, dark = light] = value.match(/#[0-9a-f]{6}/g) ?? []
  if (!light || !dark) throw new Error(`There is no colour --${token}`)
  return [light, dark]
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const grounds = ['page', 'surface', 'surface-sunken', 'surface-raised']
const inks = ['ink', 'ink-soft', 'accent', 'sea', 'bad', 'warn', 'good']
const text = [
  ...inks.flatMap((ink) => grounds.map((ground) => [ink, ground] as const)),
  ...['good', 'warn', 'bad', 'sea'].map((state) => [state, `${state}-soft`] as const),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['on-hull', 'hull'],
  ['on-hull-soft', 'hull'],
  ['brass', 'hull'],
  ['on-hull-good', 'hull'],
  ['on-hull-bad', 'hull'],
  ['on-brass', 'brass'],
] as const

test.each(text)('%s can be read on %s in both schemes', (ink, ground) => {
  const [light, dark] = colours(ground)
  expect(contrast(colours(ink)[0], light)).toBeGreaterThanOrEqual(4.5)
  expect(contrast(colours(ink)[1], dark)).toBeGreaterThanOrEqual(4.5)
})

test.each(grounds)('the edge of a control can be seen on %s in both schemes', (ground) => {
  const [light, dark] = colours(ground)
  expect(contrast(colours('line-strong')[0], light)).toBeGreaterThanOrEqual(3)
  expect(contrast(colours('line-strong')[1], dark)).toBeGreaterThanOrEqual(3)
})

test('every colour of both web apps stands in tokens.css', () => {
  const folder = new URL('../../', import.meta.url)
  const files = globSync('web-{ui,store,admin}/**/*.{vue,css,ts,html}', {
    cwd: folder,
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.test.ts', 'web-ui/styles/tokens.css'],
  })
  expect(files.length).toBeGreaterThan(100)
  const colour = /(?<![\w&/])#(?:[0-9a-f]{3,4}){1,2}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(/i
  const found = files.map((file) => [file, colour.exec(readFileSync(new URL(file, folder), 'utf8'))?.[0]])
  expect(found.filter(([, colour]) => colour)).toEqual([])
})

test('the browser frame and the manifest take their colours from the tokens', () => {
  expect([colourOf('hull'), colourOf('brass')]).toEqual([colours('hull')[0], colours('brass')[0]])
  expect(() => colourOf('nothing')).toThrow('--nothing')
})
