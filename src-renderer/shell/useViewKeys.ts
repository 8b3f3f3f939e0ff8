import { onScopeDispose } from 'vue'
import { useRouter } from 'vue-router'
import { views } from '../router.ts'

const letterWaitMilliseconds = 1200

/** True where a key press belongs to a text field or to something that floats over the page. */
export function belongsElsewhere(event: KeyboardEvent): boolean {
  if (event.defaultPrevented) return true
  const target = event.target instanceof Element ? event.target : null
  if (
    target?.closest('input, textarea, select, [contenteditable="true"], [role="menu"], [role="listbox"]') !=
    null
  )
    return true
  return document.querySelector('[role="dialog"][data-state="open"]') !== null
}

/** Alt and 1–7, or g and then a letter, lead to the views. */
export function useViewKeys(): void {
  const router = useRouter()
  let waitingSince = Number.NEGATIVE_INFINITY

  function onKey(event: KeyboardEvent): void {
    if (belongsElsewhere(event)) return
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1]
    const byNumber = digit === undefined ? undefined : views[Number(digit) - 1]
    if (event.altKey && !event.ctrlKey && !event.metaKey && byNumber !== undefined) {
      event.preventDefault()
      void router.push(`/${byNumber.name}`)
      return
    }
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const isWaiting = event.timeStamp - waitingSince < letterWaitMilliseconds
    waitingSince = Number.NEGATIVE_INFINITY
    const byLetter = views.find((view) => view.letter === event.key)
    if (isWaiting && byLetter !== undefined) {
      // Before the view at hand can take the letter for one of its own keys.
      event.preventDefault()
      event.stopImmediatePropagation()
      void router.push(`/${byLetter.name}`)
    } else if (event.key === 'g') waitingSince = event.timeStamp
  }

  window.addEventListener('keydown', onKey, { capture: true })
  onScopeDispose(() => window.removeEventListener('keydown', onKey, { capture: true }))
}
