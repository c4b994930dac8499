/** The store's own secrets in Cosmos DB: container `secrets`; each is made by whoever needs it first and then stays. */
import { randomBytes } from 'node:crypto'
import { container, onCosmos } from '../platform/cosmos.ts'
import { cosmosStatus } from '../platform/cosmosErrors.ts'
import { once } from '../platform/once.ts'

interface Secret {
  id: string
  value: string
}

/** What turns idempotency keys into order ids; one for all instances of the store. */
export const orderIdSecret = once(async (): Promise<string> => {
  const id = 'order-id'
  const secrets = await container('secrets')
  const read = async () =>
    (await onCosmos((options) => secrets.item(id, id).read<Secret>(options))).resource?.value
  const known = await read()
  if (known) return known
  try {
    const made: Secret = { id, value: randomBytes(32).toString('base64') }
    await onCosmos((options) => secrets.items.create(made, options))
    return made.value
  } catch (error) {
    if (cosmosStatus(error) !== 409) throw error
  }
  const others = await read()
  if (!others) throw new Error('The secret of the order ids vanished')
  return others
})
