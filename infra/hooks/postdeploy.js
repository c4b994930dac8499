/** After the deployment: every app answers, and an order that is placed gets into the line. Then the addresses. */
import { setTimeout as wait } from 'node:timers/promises'
import { az, fail } from './tools.js'

const { STORE_URL, ADMIN_URL, MAKELINE_APP, AZURE_RESOURCE_GROUP } = process.env
if (process.env.HOSTING === 'aks') {
  // The chart's own test has placed an order; the names lead there once DNS and certificates are in place.
  console.log(`\n  Store   ${STORE_URL}\n  Admin   ${ADMIN_URL}\n`)
  process.exit(0)
}
const patience = Number(process.env.STORE_PATIENCE_SECONDS ?? 600) * 1000
const pause = Math.min(5_000, patience / 10)
const logs = 'Its logs: see "Logs" in docs/azure.md.'

await until('the store answers', () => answers(STORE_URL))
await until('the admin answers', () => answers(ADMIN_URL))
await until('the catalogue is open', async () => {
  // The admin's app opens it when it is first asked; the store's may not.
  await ask(`${ADMIN_URL}/api/products`)
  const { body, status } = await ask(`${STORE_URL}/api/products`)
  return body?.length > 0 ? true : `its answer is ${status}`
})

const products = (await ask(`${STORE_URL}/api/products`)).body
const order = await ask(`${STORE_URL}/api/orders`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'idempotency-key': `deployment-${Date.now()}` },
  body: JSON.stringify({
    customerId: 'deployment',
    items: [{ productId: products[0].id, quantity: 1, price: products[0].price }],
  }),
})
if (order.status !== 201) fail(`The store took no order: its answer is ${order.status}. ${logs}`)
const { orderId } = order.body

// The makeline answers no stranger, so its work has to speak for it.
try {
  await until(`the makeline took order ${orderId}`, async () => {
    const { body, status } = await ask(`${STORE_URL}/api/orders/${orderId}`)
    if (body?.state && body.state !== 'placed') return true
    return body?.state ? 'it is still "placed"' : `its answer is ${status}`
  })
} catch (error) {
  const functions = await az(
    'functionapp',
    'function',
    'list',
    '--name',
    MAKELINE_APP,
    '--resource-group',
    AZURE_RESOURCE_GROUP,
  )
  const found = functions?.length
    ? 'has its functions'
    : 'shows no functions: deploy it again (azd deploy makeline)'
  fail(`${error.message}. The app ${MAKELINE_APP} ${found}. ${logs}`)
}

console.log(`
  Store   ${STORE_URL}
  Admin   ${ADMIN_URL}
`)

async function until(what, look) {
  const end = Date.now() + patience
  for (;;) {
    const found = await look()
    if (found === true) return console.log(`✓ ${what[0].toUpperCase()}${what.slice(1)}`)
    if (Date.now() > end) {
      const message = `Waited ${Math.round(patience / 1000)} s until ${what}: ${found}`
      if (what.startsWith('the makeline')) throw new Error(message)
      fail(`${message}. ${logs}`)
    }
    await wait(pause)
  }
}

async function answers(url) {
  const { body, status } = await ask(`${url}/api/health`)
  return body?.status === 'ok' ? true : `its answer is ${status}`
}

async function ask(url, options = {}) {
  try {
    const response = await fetch(url, { ...options, redirect: 'manual', signal: AbortSignal.timeout(45_000) })
    return { status: response.status, body: await response.json().catch(() => undefined) }
  } catch (error) {
    return { status: error.cause?.code ?? error.message, body: undefined }
  }
}
