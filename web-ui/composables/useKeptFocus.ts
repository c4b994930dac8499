import { onBeforeUpdate, onUpdated } from 'vue'

/**
 * Keeps the keyboard's place where an update takes away what has the focus: the row that took the removed row's place
 * gets it, else the one before, else the page's heading. Call it in the component whose template holds the rows (`li`
 * or `tr`) or the control that goes.
 */
export function useKeptFocus() {
  let focused: Element | null = null
  let rows: Element | null = null
  let index = -1

  onBeforeUpdate(() => {
    focused = document.activeElement
    const row = focused?.closest('li, tr')
    rows = row?.parentElement ?? null
    index = row && rows ? [...rows.children].indexOf(row) : -1
  })

  onUpdated(() => {
    // Still there, or someone else has given the focus away already.
    if (!focused || focused.isConnected || document.activeElement !== document.body) return
    const row = rows?.isConnected && (rows.children[index] ?? rows.lastElementChild)
    if (!row || !focusFirst(row)) focusHeading()
  })
}

/** Gives the focus to the first control that takes it: one that is hidden or disabled does not. */
function focusFirst(row: Element): boolean {
  const controls = row.querySelectorAll<HTMLElement>(
    ':is(a[href], button, input, select, textarea):not([tabindex="-1"])',
  )
  return [...controls].some((control) => {
    control.focus()
    return document.activeElement === control
  })
}

function focusHeading() {
  const heading = document.querySelector<HTMLElement>('main h1')
  if (!heading) return
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
}
