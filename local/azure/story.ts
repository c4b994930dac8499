/** The story that a rehearsal tells: what customers, employees, timers, queues and the platform do with the store. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { ServiceBusMessage } from '@azure/service-bus'
import type { Order } from '@store/contract'
import { fetchPackage } from './packages.ts'
import { countAsKeda, countForScaling, pullImage, sendTelemetry, takeHostLock } from './platform.ts'
import type { World } from './world.ts'

/** A piece of the story that can be told alone, and again. It throws where the store does not do what it is to do. */
export interface Chapter {
  readonly name: string
  tell(world: World, signal: AbortSignal): Promise<void>
}

const chapters: Chapter[] = []
const chapter = (name: string, tell: Chapter['tell']) => chapters.push({ name, tell })

chapter('the platform fetches the package of each app', async ({ azure }) => {
  const deployed = azure.deployment.apps.filter((app) => app.package)
  await Promise.all(deployed.map((app) => fetchPackage(azure, app)))
})

chapter('the nodes of the cluster fetch the images of the pods', async ({ azure }) => {
  await Promise.all(azure.deployment.images.map((image) => pullImage(azure, image)))
})

chapter('the host of each app takes its lock', async ({ azure, apps }) => {
  await Promise.all([...apps.values()].map((app) => takeHostLock(azure, app)))
})

chapter('the platform sends the telemetry of each app', async ({ azure, apps }) => {
  const sending = [...apps.values()].filter(({ app }) => app.settings.APPLICATIONINSIGHTS_CONNECTION_STRING)
  await Promise.all(sending.map((app) => sendTelemetry(azure, app)))
})

chapter('what scales the apps counts the messages that wait', async ({ azure, apps }) => {
  const { scalers } = azure.deployment
  const byPlatform = [...apps.values()].filter(({ app }) => !app.pod)
  await Promise.all([
    ...byPlatform.map((app) => countForScaling(azure, app)),
    ...scalers.map((scaler) => countAsKeda(azure, scaler)),
  ])
})

chapter('strangers find the apps locked', async ({ apps }) => {
  for (const { app } of [...apps.values()].filter((one) => !one.app.pod)) {
    const { status } = await fetch(`https://${app.host}/api/health`)
    const expected = app.isPublic ? 401 : 403
    expect(status === expected, `${app.name} answers ${status} to a stranger, and not ${expected}`)
  }
})

chapter('each web app reaches the app that is linked to it, and employees alone get in', async (world) => {
  for (const { webApp, url } of world.webApps.values()) {
    const { status } = await fetch(`${url}/api/health`)
    expect(status === 200, `${webApp.name} gets ${status} from ${webApp.backend}`)
  }
  const forged = Buffer.from('{"userId":"x","userRoles":["admin"]}').toString('base64')
  const { status } = await fetch(`${world.addressOf('admin')}/api/makeline/order/fetch`, {
    redirect: 'manual',
    headers: { 'x-ms-client-principal': forged },
  })
  expect([302, 401].includes(status), `A stranger gets ${status} from the employees' API, and no sign-in`)
})

chapter(
  'an employee opens the catalogue and adds a product with a picture, which a customer sees',
  async (world) => {
    await world.employee.products.list()
    const picture = Buffer.concat([pngSignature, Buffer.from(randomUUID())])
    const { image } = await world.employee.products.uploadImage(new Blob([picture], { type: 'image/png' }))
    const added = await world.employee.products.create({
      name: `Rehearsed ${randomUUID().slice(0, 8)}`,
      price: 9.5,
      description: 'A product of the rehearsal.',
      image,
    })
    const seen = await world.customer.products.get(added.id)
    expect(seen.name === added.name, 'The customer does not see the product that was added')
    const response = await fetch(new URL(image, world.addressOf('store')))
    expect(response.ok, `The customer gets ${response.status} for the picture`)
    expect(picture.equals(Buffer.from(await response.arrayBuffer())), 'The customer sees another picture')
  },
)

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

async function place({ customer }: World): Promise<Order> {
  const [product] = await customer.products.list()
  if (!product) throw new Error('The catalogue is empty.')
  const order = { customerId: 'rehearsal', items: [{ productId: product.id, quantity: 2 }] }
  return customer.orders.place(order, randomUUID())
}

/** Waits until an order's customer sees it in a state. */
async function follow(
  { customer }: World,
  { orderId }: Pick<Order, 'orderId'>,
  state: string,
  signal: AbortSignal,
) {
  await until(`the order ${orderId} is ${state}`, signal, async () => {
    const seen = await customer.orders.track(orderId, undefined, signal)
    return seen?.value.state === state
  })
}

chapter('a customer places an order, and it gets into the line', async (world, signal) => {
  await follow(world, await place(world), 'pending', signal)
})

chapter('a customer takes an order back', async (world, signal) => {
  const order = await place(world)
  await world.customer.orders.cancel(order.orderId)
  await follow(world, order, 'cancelled', signal)
})

chapter('an employee makes an order', async (world, signal) => {
  const order = await place(world)
  const { employee } = world
  await until('the employee sees the order', signal, async () =>
    (await employee.orders.pending({ signal })).some(({ orderId }) => orderId === order.orderId),
  )
  await employee.orders.setStatus({ orderId: order.orderId, status: 1 })
  await employee.orders.setStatus({ orderId: order.orderId, status: 2 })
  await follow(world, order, 'complete', signal)
})

chapter('an employee looks at figures and at the queue', async ({ employee }) => {
  await employee.analytics.summary()
  await employee.makeline.queue()
})

chapter('a message that is no order is dead-lettered, resubmitted and discarded', async (world, signal) => {
  const { makeline } = world.employee
  const messageId = randomUUID()
  await send(world, 'orders', { messageId, body: Buffer.from('{"orderId": ') })
  const letter = (other?: string) =>
    until('the message is dead-lettered', signal, async () => {
      const { deadLetters } = await makeline.deadLetters({ signal })
      return deadLetters.find((one) => one.messageId === messageId && one.sequenceNumber !== other)
    })
  const { sequenceNumber } = await letter()
  await makeline.resubmit(sequenceNumber)
  await makeline.discard((await letter(sequenceNumber)).sequenceNumber)
})

chapter(
  'the makeline publishes an order of which no message tells, and counts the hours',
  async (world, signal) => {
    const order = await place(world)
    await follow(world, order, 'pending', signal)
    const { cosmos } = world.azure.deployment
    const orders = world.onlooker.cosmos.database(cosmos.database).container('orders')
    const { resource } = await orders.item(order.orderId, order.orderId).read()
    const orderId = randomUUID()
    const createdAt = new Date(Date.now() - 60_000).toISOString()
    await orders.items.create({
      ...resource,
      id: orderId,
      state: 'placed',
      createdAt,
      history: [{ state: 'placed', at: createdAt }],
    })
    await world.apps.get('makeline')?.run('republishOrders')
    await follow(world, { ...order, orderId }, 'pending', signal)
    await world.apps.get('makeline')?.run('countOrders')
  },
)

chapter('the simulation buys and works', async (world, signal) => {
  const simulation = world.apps.get('simulation')
  if (!simulation) return
  await simulation.run('virtualCustomer')
  await simulation.run('virtualWorker')
  const perHour = Number(simulation.app.settings.ORDERS_PER_HOUR)
  const number = Math.floor(Math.random() * 1e9)
  const placed = simulation.line(/Simulation: order (\S+) placed/, AbortSignal.any([signal, timeout()]))
  const [[, orderId = '']] = await Promise.all([
    placed,
    send(world, 'orders-simulation', { body: { step: 'place', number, perHour } }),
  ])
  await follow(world, { orderId }, 'pending', signal)
})

chapter(
  'an employee has a description written and a picture painted',
  async ({ azure, employee }, signal) => {
    if (!azure.deployment.models) return
    await employee.ai.describe({ name: 'Rope', tags: ['sea'] }, () => {}, { signal })
    await employee.ai.image({ name: 'Rope', description: 'A rope.', format: 'data' }, { signal })
  },
)

chapter('each app has told what it did, as itself', async ({ azure, apps }, signal) => {
  const { insights, assignments, identities } = azure.deployment
  for (const { app } of apps.values()) {
    const own = identities.filter(({ id }) => app.identities.includes(id)).map((one) => one.principalId)
    const right = assignments.find((one) => one.scope === insights.id && own.includes(one.principalId))
    if (!app.settings.APPLICATIONINSIGHTS_CONNECTION_STRING) continue
    await until(`${app.name} sends telemetry`, signal, async () =>
      right ? azure.rights.usesOf(right).some(({ by }) => by === 'app') : true,
    )
  }
})

async function send({ onlooker }: World, queue: string, message: ServiceBusMessage): Promise<void> {
  const sender = onlooker.bus.createSender(queue)
  await sender.sendMessages({ contentType: 'application/json', ...message })
  await sender.close()
}

/** All chapters, in their order. */
export const story: readonly Chapter[] = chapters

/** Milliseconds after which what does not come will not come. */
const patience = 30_000

const timeout = () => AbortSignal.timeout(patience)

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`${otherwise}.`)
}

/** Asks until the answer is something; an error of a dependency that comes and goes is as good as no answer. */
async function until<T>(
  what: string,
  signal: AbortSignal,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + patience
  let fault: unknown
  while (Date.now() < deadline) {
    signal.throwIfAborted()
    try {
      const answer = await ask()
      if (answer) return answer
    } catch (error) {
      fault = error
    }
    await wait(50, undefined, { signal })
  }
  throw new Error(
    `Waited ${patience / 1000} s in vain: ${what}.`,
    fault === undefined ? {} : { cause: fault },
  )
}
