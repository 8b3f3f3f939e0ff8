import { z } from 'zod'
import { evidenceFigures } from '#shared/domain/evidence.ts'
import { replayCell, replayReference, replaySettings } from '#shared/domain/replay.ts'
import { strategyName } from '#shared/domain/suggestion.ts'
import { method } from '#shared/rpc/contract.ts'

// `z.instanceof` would refuse, by type alone, views on memory that might be shared.
const float32 = z.custom<Float32Array>((value) => value instanceof Float32Array, 'Not a Float32Array')
const int32 = z.custom<Int32Array>((value) => value instanceof Int32Array, 'Not an Int32Array')

/** Labelled pairs that a replay takes labels from, or is judged on. */
const replayPairs = z.object({
  dimension: z.number().int().positive(),
  /** Embeddings of unit length [pairs × dimension]. */
  premise: float32,
  hypothesis: float32,
  /** Consensus, 0–1 [pairs]. */
  target: float32,
  /** Equal numbers share a premise [pairs]. */
  group: int32,
})
export type ReplayPairs = z.infer<typeof replayPairs>

/** The single ratings of pairs, one pair's after another's. */
const singleRatings = z.object({
  /** Where each pair's begin, and where the last one's end [pairs + 1]. */
  starts: int32,
  /** 0–1 */
  scores: float32,
})

/** What a replay works on. */
export const replayData = z.object({
  pool: replayPairs,
  holdout: replayPairs,
  /** Of the pool; null where only its consensus is known. */
  ratings: singleRatings.nullable(),
  /** The score from which on a pair counts as a yes. */
  threshold: z.number(),
})
export type ReplayData = z.infer<typeof replayData>

/** Labelled pairs outside the holdout in the order in which their first rating came. */
const evidenceLabels = replayPairs.extend({
  /** How each came to be given: its place in `armCodes` [pairs]. */
  arm: int32,
})

/** What evidence of the worth of labels is measured on. */
const evidenceRequest = z.object({
  labels: evidenceLabels,
  /** Labelled pairs that no strategy ever chooses from. */
  holdout: replayPairs,
  /** What there is, of which labels and held-out pairs may have been drawn (`drawLabels`, `drawHoldout`). */
  given: z.object({ labels: z.number().int(), holdout: z.number().int(), premises: z.number().int() }),
  seed: z.number().int().nonnegative(),
  threads: z.number().int().positive(),
})
export type EvidenceRequest = z.infer<typeof evidenceRequest>

/** What is said to a replaying process. */
export const replayContract = {
  methods: {
    /** Takes in the pairs, until others are loaded. */
    load: method(z.object({ data: replayData, threads: z.number().int().positive() }), z.object({})),
    /** Fits the model to the whole pool. Cancelling rejects with `cancelled`. */
    reference: method(z.object({}), replayReference),
    /** Replays one strategy with one seed. Cancelling rejects with `cancelled`. */
    replay: method(
      z.object({ strategy: strategyName, seed: z.number().int().nonnegative(), settings: replaySettings }),
      replayCell,
    ),
    /** Measures what labels are worth; needs nothing loaded. Cancelling rejects with `cancelled`. */
    evidence: method(evidenceRequest, evidenceFigures),
  },
  events: {
    /** Labels that the present cell has. */
    step: z.object({ strategy: strategyName, seed: z.number().int(), labels: z.number().int() }),
    /** The share of the evidence that is measured, 0–1. */
    measured: z.object({ share: z.number() }),
  },
} as const
