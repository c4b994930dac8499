/** A browser for the tests of a file, on a desktop and on a phone. What a page writes to its console fails the test. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest'
import { principalHeader } from './clients.ts'

export const viewports = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const
export type Viewport = keyof typeof viewports

export interface OpenOptions {
  viewport?: Viewport
  /** The language of the browser; American English without it. */
  locale?: string
  /** The roles of whoever is signed in; nobody is without them. */
  roles?: string[]
  /** Console messages that belong to the test, e.g. of an answer that is meant to be an error. */
  expected?: RegExp
  /** Keeps the page's service worker out, so that the test can answer its requests. */
  withoutServiceWorker?: boolean
}

/** Starts a browser for this file. Call it in the file's body. */
export function useBrowser() {
  let browser: Browser
  const contexts: BrowserContext[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: inject('chromium'),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    })
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    expect(complaints.splice(0), 'what the console said').toEqual([])
  })

  /** Opens an address in a window of its own, with nothing remembered but the sign-in. */
  return async (
    url: string,
    {
      viewport = 'desktop',
      locale = 'en-US',
      roles,
      expected,
      withoutServiceWorker = false,
    }: OpenOptions = {},
  ): Promise<Page> => {
    const phone = viewport === 'phone'
    const context = await browser.newContext({
      viewport: viewports[viewport],
      hasTouch: phone,
      isMobile: phone,
      locale,
      reducedMotion: 'reduce',
      serviceWorkers: withoutServiceWorker ? 'block' : 'allow',
    })
    contexts.push(context)
    context.setDefaultTimeout(30_000)
    if (roles) {
      const value = principalHeader(roles)
      await context.addCookies([{ name: 'StaticWebAppsAuthCookie', value, url: new URL(url).origin }])
    }
    const page = await context.newPage()
    const complain = (text: string) => {
      if (text.includes('Service Worker registration blocked')) return
      if (!expected?.test(text)) complaints.push(text)
    }
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        complain(`${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => complain(error.message))
    await page.goto(url)
    return page
  }
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe finds wrong with a page as it is now, one line a rule. What depends on colours is looked at in the dark too;
 * then it is light again.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Once a document: axe is half a megabyte of code.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(axe)
  const faults = await faultsOf(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  const inTheDark = await faultsOf(page, ['color-contrast', 'link-in-text-block'])
  await page.emulateMedia({ colorScheme: 'light' })
  return [...faults, ...inTheDark.map((fault) => `in the dark, ${fault}`)]
}

/** By these rules of axe, or by all; colours that change are looked at when they have. */
function faultsOf(page: Page, rules?: string[]): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) }
  return page.evaluate<string[]>(`(async () => {
    const changes = document.getAnimations().filter(
      ({ effect, playState }) => playState === 'running' && effect.getComputedTiming().endTime < Infinity,
    )
    await Promise.allSettled(changes.map(({ finished }) => finished))
    const { violations } = await axe.run(document, ${JSON.stringify(options)})
    return violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | '))
  })()`)
}

/** What reaches beyond the right edge of the page; empty when it need not be scrolled sideways. */
export const tooWide = (page: Page) =>
  page.evaluate<string[]>(`(() => {
    const room = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= room) return []
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > room + 1)
      .map((element) => element.tagName + '.' + element.className + ' ' + Math.round(element.getBoundingClientRect().right))
      .slice(0, 12)
  })()`)
