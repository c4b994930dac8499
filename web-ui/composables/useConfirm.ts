import { shallowRef } from 'vue'

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

/** Asks before something that matters; resolves to the answer. `ConfirmHost` shows it, once per app. */
export function useConfirm() {
  return (question: Question): Promise<boolean> => {
    asked.value?.answer(false)
    return new Promise((resolve) => {
      asked.value = {
        ...question,
        answer: (yes) => {
          asked.value = undefined
          resolve(yes)
        },
      }
    })
  }
}

/** The question that waits for an answer, for `ConfirmHost`. */
export const useQuestion = () => asked
