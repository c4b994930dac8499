import { readFileSync } from 'node:fs'

/**
 * A colour of `tokens.css` in the light scheme, for what no style sheet reaches: the browser's frame, the manifest.
 * @throws {Error} where there is no such token, or it is no plain colour.
 */
export function colourOf(token: string): string {
  const css = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8')
  const [, colour] = new RegExp(`--${token}: (?:light-dark\\()?(#[0-9a-f]{6})\\b`).exec(css) ?? []
  if (!colour) throw new Error(`tokens.css has no colour --${token}`)
  return colour
}
