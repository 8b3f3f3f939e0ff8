import type { RatingTiming } from '#shared/domain/rating.ts'

/** After this long without input a rater is taken to be away; only what comes before it counts. */
const idleAfterMilliseconds = 30_000

/** Measures one answer, from the moment the pair is shown. */
export interface AnswerTiming {
  /** Any sign of the rater: a key, the pointer, the wheel. */
  input(): void
  /** The answer was set (the first time) or changed (every later time). */
  touch(): void
  /** The window is hidden: time stands still until `resume`. */
  pause(): void
  resume(): void
  /** Milliseconds at work so far. */
  read(): RatingTiming
}

/**
 * Starts to measure.
 * @param now a clock in milliseconds that never goes back.
 */
export function createAnswerTiming(now: () => number): AnswerTiming {
  let active = 0
  let last: number | null = now()
  let firstTouch: number | null = null
  let changeCount = 0

  function advance(): void {
    if (last === null) return
    const time = now()
    active += Math.min(time - last, idleAfterMilliseconds)
    last = time
  }

  return {
    input: advance,
    touch() {
      advance()
      if (firstTouch === null) firstTouch = active
      else changeCount += 1
    },
    pause() {
      advance()
      last = null
    },
    resume() {
      last ??= now()
    },
    read() {
      advance()
      return {
        timeToFirstTouch: firstTouch === null ? null : Math.round(firstTouch),
        timeToCommit: Math.round(active),
        changeCount,
      }
    },
  }
}
