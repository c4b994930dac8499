/** After the deployment: every app answers, and an order that is placed gets into the line. Then the addresses. */
import { setTimeout as wait } from 'node:timers/promises'
import { azList, fail } from './tools.js'

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

let products = []
await until('the catalogue is open', async () => {
  // The admin's app opens it when it is first asked; the store's may not.
  await ask(`${ADMIN_URL}/api/products`)
  const { body, status } = await ask(`${STORE_URL}/api/products`)
  if (!Array.isArray(body) || !body.length) return `its answer is ${status}`
  products = body
  return true
})

// Roles take a while to be known everywhere, so the first tries may fail; of all of them there is one order.
const key = `deployment-${Date.now()}`
let orderId
await until('the store takes an order', async () => {
  const { body, status } = await ask(`${STORE_URL}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({
      customerId: 'deployment',
      items: [{ productId: products[0].id, quantity: 1, price: products[0].price }],
    }),
  })
  orderId = body?.orderId
  return status < 300 && orderId ? true : `its answer is ${status}`
})

// The makeline answers no stranger, so its work has to speak for it.
await until(
  `the makeline took order ${orderId}`,
  async () => {
    const { body, status } = await ask(`${STORE_URL}/api/orders/${orderId}`)
    if (!body?.state) return `its answer is ${status}`
    return body.state === 'placed' ? 'it is still "placed"' : true
  },
  stateOfMakeline,
)

console.log(`
  Store   ${STORE_URL}
  Admin   ${ADMIN_URL}
`)

/** Looks until it is so, and ends the deployment when that takes too long: with what was found, and what else helps. */
async function until(what, look, help = async () => '') {
  const end = Date.now() + patience
  for (;;) {
    const found = await look()
    if (found === true) return console.log(`✓ ${what[0].toUpperCase()}${what.slice(1)}`)
    if (Date.now() > end)
      fail(`Waited ${Math.round(patience / 1000)} s until ${what}: ${found}. ${await help()}${logs}`)
    await wait(pause)
  }
}

async function stateOfMakeline() {
  const of = ['--name', MAKELINE_APP, '--resource-group', AZURE_RESOURCE_GROUP]
  const functions = await azList('functionapp', 'function', 'list', ...of)
  if (!functions) return `What functions the app ${MAKELINE_APP} has, az does not say. `
  return functions.length
    ? `The app ${MAKELINE_APP} has its functions. `
    : `The app ${MAKELINE_APP} shows no functions: deploy it again (azd deploy makeline). `
}

async function answers(url) {
  const { body, status } = await ask(`${url}/api/health`)
  return body?.status === 'ok' ? true : `its answer is ${status}`
}

/** What an address answers; where there is no answer, the reason stands in the place of the status. */
async function ask(url, options = {}) {
  try {
    const response = await fetch(url, { ...options, redirect: 'manual', signal: AbortSignal.timeout(45_000) })
    return { status: response.status, body: await response.json().catch(() => undefined) }
  } catch (error) {
    return { status: error.cause?.code ?? error.message, body: undefined }
  }
}
