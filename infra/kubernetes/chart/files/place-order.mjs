// `helm test`: places an order in the store, and waits until the makeline has taken it.
const store = process.argv[2]

const placed = await fetch(`${store}/api/orders`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ customerId: 'helm-test', items: [{ productId: 1, quantity: 1, price: 9.99 }] }),
})
if (placed.status !== 201) throw new Error(`The store answered ${placed.status}: ${await placed.text()}`)
const { orderId } = await placed.json()
console.log(`Order ${orderId} is placed.`)

for (let second = 0; second < 60; second++) {
  const { state } = await (await fetch(`${store}/api/orders/${orderId}`)).json()
  if (state !== 'placed') {
    console.log(`It is ${state}: the makeline has it.`)
    process.exit(0)
  }
  await new Promise((resolve) => setTimeout(resolve, 1000))
}
throw new Error('The order is still waiting for the makeline after a minute.')
