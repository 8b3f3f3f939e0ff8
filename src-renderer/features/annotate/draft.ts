import type { Answer } from '#shared/domain/rating.ts'
import { givenValueAt, positionOf, type ScaleKind } from '#shared/domain/score.ts'

/** The answer to a pair before it is committed. */
export type Draft = Unset | ScoreDraft | OpenRange | RangeDraft

interface Unset {
  readonly kind: 'unset'
}
/** A score 0–1 as it is shown, and where on the track it is, 0–1; the project's scale says how one becomes the other. */
export interface Placed {
  readonly value: number
  readonly rawPosition: number
}
interface ScoreDraft extends Placed {
  readonly kind: 'score'
}
/** A range was asked for, but neither end is placed yet. */
interface OpenRange {
  readonly kind: 'open-range'
}
export interface RangeDraft {
  readonly kind: 'range'
  readonly low: Placed
  readonly high: Placed
  /** The end that keys move. */
  readonly active: 'low' | 'high'
  /** What leaving the range gives back. */
  readonly before: Unset | ScoreDraft
}

export const unset: Unset = { kind: 'unset' }
/** Where an arrow key starts from while nothing is set. */
const arrowStart = 0.5
/** How far a new range reaches along the track, to both sides of the score it starts from. */
const rangeReach = 0.1

const clamp = (position: number): number => Math.min(1, Math.max(0, position))

function atPosition(position: number, scale: ScaleKind): Placed {
  const rawPosition = clamp(position)
  return { value: givenValueAt(rawPosition, scale), rawPosition }
}

function atValue(value: number, scale: ScaleKind): Placed {
  return { value, rawPosition: positionOf(value, scale) }
}

/** A step along the track: on a linear scale from hundredth to hundredth, wherever in between the pointer was. */
function stepFrom({ value, rawPosition }: Placed, step: number, scale: ScaleKind): Placed {
  if (scale === 'linear') return atValue(Math.round(clamp(value + step) * 100) / 100, scale)
  // Rounded, so that many steps do not gather errors and one back undoes one forth.
  return atPosition(Math.round((rawPosition + step) * 1e6) / 1e6, scale)
}

function place(draft: Draft, at: Placed): Draft {
  switch (draft.kind) {
    case 'unset':
    case 'score':
      return { kind: 'score', ...at }
    case 'open-range':
      return { kind: 'range', low: at, high: at, active: 'high', before: unset }
    case 'range':
      return withEnd(draft, at)
  }
}

/** An end that is moved past the other pushes it along. */
function withEnd(range: RangeDraft, at: Placed): RangeDraft {
  const isPast = (low: Placed, high: Placed): boolean =>
    low.rawPosition > high.rawPosition || low.value > high.value
  return range.active === 'low'
    ? { ...range, low: at, high: isPast(at, range.high) ? at : range.high }
    : { ...range, low: isPast(range.low, at) ? at : range.low, high: at }
}

/** Places the handle, or the active end of a range, at a position of the track, 0–1. */
export function placeAt(draft: Draft, position: number, scale: ScaleKind): Draft {
  return place(draft, atPosition(position, scale))
}

/** Places the handle, or the active end of a range, where a value is, 0–1. */
export function placeValue(draft: Draft, value: number, scale: ScaleKind): Draft {
  return place(draft, atValue(value, scale))
}

/** Moves the handle, or the active end, by a step along the track; from its middle while nothing is set. */
export function moveBy(draft: Draft, step: number, scale: ScaleKind): Draft {
  const from =
    draft.kind === 'score'
      ? draft
      : draft.kind === 'range'
        ? draft[draft.active]
        : atPosition(arrowStart, scale)
  return place(draft, stepFrom(from, step, scale))
}

/** Makes the end of a range nearest to a position the active one; other drafts stay as they are. */
export function grabNearest(draft: Draft, position: number): Draft {
  if (draft.kind !== 'range') return draft
  const toLow = Math.abs(position - draft.low.rawPosition)
  const toHigh = Math.abs(position - draft.high.rawPosition)
  const isLow = toLow < toHigh || (toLow === toHigh && position < draft.low.rawPosition)
  return { ...draft, active: isLow ? 'low' : 'high' }
}

/** A range drawn in one movement from `anchor` to `position`. */
export function drawRange(anchor: number, position: number, scale: ScaleKind): RangeDraft {
  return {
    kind: 'range',
    low: atPosition(Math.min(anchor, position), scale),
    high: atPosition(Math.max(anchor, position), scale),
    active: position < anchor ? 'low' : 'high',
    before: unset,
  }
}

/** Begins a range around the present score, or gives back what was there before it. */
export function toggleRange(draft: Draft, scale: ScaleKind): Draft {
  switch (draft.kind) {
    case 'unset':
      return { kind: 'open-range' }
    case 'score':
      return {
        kind: 'range',
        low: stepFrom(draft, -rangeReach, scale),
        high: stepFrom(draft, rangeReach, scale),
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
      return { kind: 'range', low: draft.low.value, high: draft.high.value }
  }
}

/** The rater's own earlier answer, to be changed or confirmed; its values stay, whatever scale they were given on. */
export function fromAnswer(answer: Answer, scale: ScaleKind): Draft {
  switch (answer.kind) {
    case 'score':
      return onScale({ kind: 'score', value: answer.value, rawPosition: answer.rawPosition }, scale)
    case 'range':
      return {
        kind: 'range',
        low: atValue(answer.low, scale),
        high: atValue(answer.high, scale),
        active: 'low',
        before: unset,
      }
    case 'cannot-judge':
      return unset
  }
}

/** The same values on a scale that may be another one: only those positions move that stand for another value on it. */
export function onScale<Kept extends Draft>(draft: Kept, scale: ScaleKind): Kept
export function onScale(draft: Draft, scale: ScaleKind): Draft {
  const moved = (placed: Placed): Placed =>
    givenValueAt(placed.rawPosition, scale) === placed.value ? placed : atValue(placed.value, scale)
  switch (draft.kind) {
    case 'unset':
    case 'open-range':
      return draft
    case 'score':
      return { kind: 'score', ...moved(draft) }
    case 'range':
      return {
        ...draft,
        low: moved(draft.low),
        high: moved(draft.high),
        before: onScale(draft.before, scale),
      }
  }
}
