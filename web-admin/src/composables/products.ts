/** Products: reading, saving and deleting them. */
import { useQuery } from '@pinia/colada'
import type { NewProduct, Product, ProductSort } from '@store/contract'
import { ApiError } from '@store/contract/client'
import { describeFailure, useConfirm, useToasts } from '@store/web-ui'
import { ref } from 'vue'
import { api } from '../api.ts'
import type { ProductErrors } from '../productForm.ts'
import { useLive } from './live.ts'
import { useRenew } from './renew.ts'

/** The products a search finds, sorted; live. What was shown stays until the next answer comes. */
export function useProducts(search: () => string, sort: () => ProductSort) {
  const query = useQuery({
    key: () => ['products', 'list', search(), sort()],
    query: ({ signal }) => api.products.list({ search: search(), sort: sort() }, { signal }),
    placeholderData: (previous: Product[] | undefined) => previous,
  })
  return { ...query, ...useLive(() => query.refresh(), 20_000) }
}

/** One product with the ETag it was read at, fetched anew each time. */
export const readProduct = (id: number) => api.products.get(id)

/** Saves products. `save` resolves with whether it worked; when not, `errors` and messages say why. */
export function useSaveProduct() {
  const renew = useRenew()
  const toasts = useToasts()
  const saving = ref(false)
  const errors = ref<ProductErrors>({})

  async function attempt(work: () => Promise<unknown>): Promise<'saved' | 'changed' | 'failed'> {
    saving.value = true
    errors.value = {}
    try {
      await work()
      await renew(['products'])
      toasts.success('Product saved successfully')
      return 'saved'
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) return 'changed'
      errors.value = errorsOf(error)
      toasts.error(describeFailure(error).message)
      return 'failed'
    } finally {
      saving.value = false
    }
  }

  return {
    saving,
    errors,
    create: (product: NewProduct) => attempt(() => api.products.create(product)),
    /** 'changed' means that someone else saved the product after `etag` was read; nothing was stored. */
    update: (product: Product, etag: string | null) => attempt(() => api.products.update(product, etag)),
  }
}

/** The faults that the API found, by the field they are about. */
function errorsOf(error: unknown): ProductErrors {
  const found = error instanceof ApiError ? (error.problem.errors ?? []) : []
  return Object.fromEntries(
    found
      .filter(({ pointer }) => /^\/(name|price|description|image)$/.test(pointer))
      .map(({ pointer, detail }) => [
        pointer.slice(1),
        `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`,
      ]),
  )
}

/** Deletes a product once the employee has said that it is meant; resolves with whether it is gone. */
export function useDeleteProduct() {
  const renew = useRenew()
  const toasts = useToasts()
  const confirm = useConfirm()

  return async ({ id, name }: Product): Promise<boolean> => {
    const sure = await confirm({
      title: `Delete “${name}”?`,
      message: 'It leaves the store at once. Orders that hold it stay as they are.',
      confirmLabel: 'Delete product',
      danger: true,
    })
    if (!sure) return false
    try {
      await api.products.delete(id)
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        toasts.error(describeFailure(error).message)
        return false
      }
    }
    await renew(['products'])
    toasts.success(`“${name}” deleted`)
    return true
  }
}
