import type { Answer } from '#shared/domain/rating.ts'

/** The answer to a pair before it is committed. Scores are 0–1 in steps of 0.01; `rawPosition` is where the track was hit. */
export type Draft = Unset | ScoreDraft | OpenRange | RangeDraft

interface Unset {
  readonly kind: 'unset'
}
interface ScoreDraft {
  readonly kind: 'score'
  readonly value: number
  readonly rawPosition: number
}
/** A range was asked for, but neither end is placed yet. */
interface OpenRange {
  readonly kind: 'open-range'
}
export interface RangeDraft {
  readonly kind: 'range'
  readonly low: number
  readonly high: number
  /** The end that keys move. */
  readonly active: 'low' | 'high'
  /** What leaving the range gives back. */
  readonly before: Unset | ScoreDraft
}

export const unset: Unset = { kind: 'unset' }
/** Where an arrow key starts from while nothing is set. */
const arrowStart = 0.5
/** How far a new range reaches to both sides of the score it starts from. */
const rangeReach = 0.1

const clamp = (position: number): number => Math.min(1, Math.max(0, position))
const toStep = (position: number): number => Math.round(clamp(position) * 100) / 100

function withEnd(range: RangeDraft, end: 'low' | 'high', position: number): RangeDraft {
  const value = toStep(position)
  // An end that is moved past the other pushes it along.
  return end === 'low'
    ? { ...range, active: 'low', low: value, high: Math.max(range.high, value) }
    : { ...range, active: 'high', low: Math.min(range.low, value), high: value }
}

/** Places the handle, or the active end of a range, at a position of the track, 0–1. */
export function placeAt(draft: Draft, position: number): Draft {
  switch (draft.kind) {
    case 'unset':
    case 'score':
      return { kind: 'score', value: toStep(position), rawPosition: clamp(position) }
    case 'open-range': {
      const value = toStep(position)
      return { kind: 'range', low: value, high: value, active: 'high', before: unset }
    }
    case 'range':
      return withEnd(draft, draft.active, position)
  }
}

/** Moves the handle, or the active end, by a step; from the middle of the track while nothing is set. */
export function moveBy(draft: Draft, step: number): Draft {
  const from =
    draft.kind === 'score' ? draft.value : draft.kind === 'range' ? draft[draft.active] : arrowStart
  return placeAt(draft, toStep(from + step))
}

/** Makes the end of a range nearest to a position the active one; other drafts stay as they are. */
export function grabNearest(draft: Draft, position: number): Draft {
  if (draft.kind !== 'range') return draft
  const toLow = Math.abs(position - draft.low)
  const toHigh = Math.abs(position - draft.high)
  const isLow = toLow < toHigh || (toLow === toHigh && position < draft.low)
  return { ...draft, active: isLow ? 'low' : 'high' }
}

/** A range drawn in one movement from `anchor` to `position`. */
export function drawRange(anchor: number, position: number): RangeDraft {
  const [from, to] = [toStep(anchor), toStep(position)]
  return {
    kind: 'range',
    low: Math.min(from, to),
    high: Math.max(from, to),
    active: to < from ? 'low' : 'high',
    before: unset,
  }
}

/** Begins a range around the present score, or gives back what was there before it. */
export function toggleRange(draft: Draft): Draft {
  switch (draft.kind) {
    case 'unset':
      return { kind: 'open-range' }
    case 'score':
      return {
        kind: 'range',
        low: toStep(draft.value - rangeReach),
        high: toStep(draft.value + rangeReach),
        active: 'low',
        before: draft,
      }
    case 'open-range':
      return unset
    case 'range':
      return draft.before
  }
}

/** Makes the other end of a range the active one. */
export function switchEnd(draft: Draft): Draft {
  return draft.kind === 'range' ? { ...draft, active: draft.active === 'low' ? 'high' : 'low' } : draft
}

/** What would be committed; null while nothing is set. */
export function toAnswer(draft: Draft): Answer | null {
  switch (draft.kind) {
    case 'unset':
    case 'open-range':
      return null
    case 'score':
      return { kind: 'score', value: draft.value, rawPosition: draft.rawPosition }
    case 'range':
      return { kind: 'range', low: draft.low, high: draft.high }
  }
}

/** The rater's own earlier answer, to be changed or confirmed. */
export function fromAnswer(answer: Answer): Draft {
  switch (answer.kind) {
    case 'score':
      return { kind: 'score', value: answer.value, rawPosition: answer.rawPosition }
    case 'range':
      return { kind: 'range', low: answer.low, high: answer.high, active: 'low', before: unset }
    case 'cannot-judge':
      return unset
  }
}
