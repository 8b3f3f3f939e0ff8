/** Longest that a burst of input goes without its listeners being told, in milliseconds. */
const tellEvery = 250

const listeners = new Set<() => void>()
let lastInput = -Infinity
let lastTold = -Infinity

function note(event: Event): void {
  // A hand on the mouse does nothing yet; with a button held it moves the slider.
  if (event instanceof PointerEvent && event.type === 'pointermove' && event.buttons === 0) return
  lastInput = performance.now()
  if (lastInput - lastTold < tellEvery) return
  lastTold = lastInput
  for (const listener of listeners) listener()
}

/** Begins to watch what is typed, clicked, dragged and scrolled in this window; returns what ends it. */
export function watchActivity(): () => void {
  const names = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const
  for (const name of names) window.addEventListener(name, note, { capture: true, passive: true })
  return () => {
    for (const name of names) window.removeEventListener(name, note, { capture: true })
    lastInput = lastTold = -Infinity
  }
}

/** Tells of input, at most every 250 ms, until the returned function is called. */
export function onActivity(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Milliseconds since the last input; infinite where there was none. */
export function quietFor(): number {
  return performance.now() - lastInput
}
