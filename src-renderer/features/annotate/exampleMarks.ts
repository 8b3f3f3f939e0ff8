import type { WorkedExample } from '#shared/domain/project.ts'
import { positionOf, type ScaleKind } from '#shared/domain/score.ts'

/** A mark under the track: the worked examples of one place. */
export interface ExampleMark {
  /** Where on the track, 0–1. */
  readonly at: number
  /** By score; at least one. */
  readonly examples: readonly WorkedExample[]
}

/** How close marks may stand on the track: nearer ones could not be hit apart in a narrow window. */
const nearest = 0.04

/** The marks of worked examples from the low end to the high one; those too close to the first of a mark share it. */
export function exampleMarks(examples: readonly WorkedExample[], scale: ScaleKind): ExampleMark[] {
  const marks: { at: number; examples: WorkedExample[] }[] = []
  for (const example of examples.toSorted((left, right) => left.score - right.score)) {
    const at = positionOf(example.score, scale)
    const last = marks.at(-1)
    if (last !== undefined && at - last.at < nearest) last.examples.push(example)
    else marks.push({ at, examples: [example] })
  }
  return marks
}
