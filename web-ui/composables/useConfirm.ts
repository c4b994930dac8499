import { onScopeDispose, shallowRef } from 'vue'

export interface Question {
  title: string
  message?: string
  /** What the button that says yes is called: the verb of what happens. */
  confirmLabel: string
  cancelLabel?: string
  /** The act cannot be taken back. */
  danger?: boolean
}

interface Asked extends Question {
  answer: (yes: boolean) => void
}

const asked = shallowRef<Asked>()

/**
 * Asks before something that matters; resolves to the answer. `ConfirmHost` shows it, once per app.
 * A question dies with the page that asked it: the answer is no.
 */
export function useConfirm() {
  let latest: Asked | undefined
  onScopeDispose(() => latest?.answer(false), true)

  return (question: Question): Promise<boolean> => {
    asked.value?.answer(false)
    return new Promise((resolve) => {
      const mine: Asked = {
        ...question,
        answer: (yes) => {
          if (asked.value === mine) asked.value = undefined
          resolve(yes)
        },
      }
      asked.value = latest = mine
    })
  }
}

/** The question that waits for an answer, for `ConfirmHost`. */
export const useQuestion = () => asked
