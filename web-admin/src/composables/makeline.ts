/** The makeline's queue: how full it is, and what could not be processed. */
import { useQuery } from '@pinia/colada'
import type { DeadLetter } from '@store/contract'
import { describeFailure, useConfirm, useToasts } from '@store/web-ui'
import { computed, readonly, ref } from 'vue'
import { api } from '../api.ts'
import { useLive } from './live.ts'
import { useRenew } from './renew.ts'

/** Depth of the queue and its dead letters, live. */
export function useQueue() {
  const depth = useQuery({
    key: ['makeline', 'queue'],
    query: ({ signal }) => api.makeline.queue({ signal }),
  })
  const letters = useQuery({
    key: ['makeline', 'dead-letters'],
    query: async ({ signal }) => (await api.makeline.deadLetters({ signal })).deadLetters,
  })
  const refetch = () => Promise.all([depth.refetch(), letters.refetch()])
  return {
    depth,
    letters,
    refetch,
    ...useLive(() => Promise.all([depth.refresh(), letters.refresh()]), 5_000),
  }
}

/** A dead letter with what it says, read when `isOpen`. */
export function useDeadLetter(sequenceNumber: () => string) {
  const isOpen = ref(false)
  const { data, error } = useQuery({
    // Not among what an action renews: then it may be gone.
    key: () => ['dead-letter', sequenceNumber()],
    query: ({ signal }) => api.makeline.deadLetter(sequenceNumber(), { signal }),
    enabled: isOpen,
    // A message never changes.
    staleTime: Number.POSITIVE_INFINITY,
  })
  return {
    isOpen,
    letter: data,
    failure: computed(() => error.value && describeFailure(error.value).message),
  }
}

/** Puts dead letters back into the queue, or throws them away. `busy` holds the numbers of those under way. */
export function useDeadLetterActions() {
  const renew = useRenew()
  const toasts = useToasts()
  const confirm = useConfirm()
  const busy = ref<ReadonlySet<string>>(new Set())

  async function each(
    letters: readonly DeadLetter[],
    act: (sequenceNumber: string) => Promise<void>,
    done: string,
  ) {
    const numbers = letters.map(({ sequenceNumber }) => sequenceNumber)
    busy.value = new Set([...busy.value, ...numbers])
    let count = 0
    try {
      // One after the other: the broker reads through the dead letters for each.
      for (const number of numbers) {
        await act(number)
        count++
      }
    } catch (error) {
      toasts.error(describeFailure(error).message)
    }
    await renew(['makeline'])
    busy.value = new Set([...busy.value].filter((number) => !numbers.includes(number)))
    if (count) toasts.success(`${count === 1 ? 'Message' : `${count} messages`} ${done}`)
  }

  async function discard(letter: DeadLetter) {
    const sure = await confirm({
      title: 'Discard this message?',
      message: letter.orderId
        ? 'The order it is about stays in the database, but nothing in the queue speaks of it any more.'
        : 'It cannot be brought back.',
      confirmLabel: 'Discard',
      danger: true,
    })
    if (sure) await each([letter], api.makeline.discard, 'discarded')
  }

  return {
    busy: readonly(busy),
    resubmit: (letters: readonly DeadLetter[]) => each(letters, api.makeline.resubmit, 'back in the queue'),
    discard,
  }
}
