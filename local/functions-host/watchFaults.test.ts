/** `--watch` with an app that misbehaves: one that hangs as it starts, one that keeps ending, one that will not stop. */
import { expect, test } from 'vitest'
import { eventually, runWatchedApp } from './fixtures/watchedApp.ts'

const appAnswering = (answer: string) => `
const { app } = require('@azure/functions')
app.get('version', { handler: async () => ({ body: '${answer}' }) })
app.get('crash', { handler: async () => {
  Promise.reject(new Error('nobody awaits this'))
  return { body: 'fine' }
} })
app.get('forever', { handler: () => {
  console.log('at work')
  return new Promise(() => {})
} })
`

const version = async (url: string) => (await fetch(`${url}/version`)).text()

test('an app that hangs as it starts is replaced by the next change, and does not hold up a stop', async () => {
  const app = await runWatchedApp(`console.log('first start'); while (true) {}`)
  await eventually(() => expect(app.output()).toContain('first start'))

  await app.write(appAnswering('one'))
  await eventually(async () => expect(await version(app.url)).toBe('one'))

  const hanging = (text: string) =>
    appAnswering('never') +
    `app.hook.appStart(() => { console.log('${text}'); return new Promise(() => {}) })`
  await app.write(hanging('second start'))
  await eventually(() => expect(app.output()).toContain('second start'))
  expect(await version(app.url)).toBe('one')

  await app.write(appAnswering('two'))
  await eventually(async () => expect(await version(app.url)).toBe('two'))

  await app.write(hanging('third start'))
  await eventually(() => expect(app.output()).toContain('third start'))
  app.child.kill('SIGTERM')
  expect(await app.exit).toBe(0)
})

test('an app that ends by itself is started again, until it keeps ending; then a change helps', async () => {
  const app = await runWatchedApp(appAnswering('one'))
  const ends = () => app.output().split('The app has ended with code 1').length - 1

  for (const end of [1, 2, 3]) {
    await eventually(async () => expect(await version(app.url)).toBe('one'))
    await fetch(`${app.url}/crash`).catch(() => {})
    await eventually(() => expect(ends()).toBe(end))
  }
  expect(app.output()).toContain('Error: nobody awaits this')
  expect(app.output()).not.toContain('it keeps ending')

  await eventually(async () => expect(await version(app.url)).toBe('one'))
  await fetch(`${app.url}/crash`).catch(() => {})
  await eventually(() => expect(app.output()).toContain('when its files change, for it keeps ending'))
  await app.write(appAnswering('two'))
  await eventually(async () => expect(await version(app.url)).toBe('two'))
})

test('whoever asks again to stop does not wait for what is under way', async () => {
  const app = await runWatchedApp(appAnswering('one'))
  await eventually(async () => expect(await version(app.url)).toBe('one'))
  const answer = fetch(`${app.url}/forever`).catch(() => 'cut')
  await eventually(() => expect(app.output()).toContain('at work'))

  const asking = setInterval(() => app.child.kill('SIGTERM'), 100)
  const code = await app.exit
  clearInterval(asking)
  expect(code).toBe(1)
  expect(await answer).toBe('cut')
})
