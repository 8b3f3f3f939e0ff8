import { ulid } from '#shared/domain/ids.ts'
import type { AnnotateStep, AnnotateTask, RevealedScores } from '#shared/contract/annotate.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import { answerScore, type Answer } from '#shared/domain/rating.ts'
import type { Handlers, ParsedInputOf } from '#shared/rpc/contract.ts'
import { exampleId } from './examples.ts'

type Commit = ParsedInputOf<AppContract, 'annotate.commit'>
type Dispute = ParsedInputOf<AppContract, 'dispute.create'>

/** A queue of pairs kept in memory, for tests of Annotate: what was committed, and switches for what can go wrong. */
export interface ExampleQueue {
  readonly handlers: Partial<Handlers<AppContract>>
  readonly commits: Commit[]
  readonly disputes: Dispute[]
  /** What each commit reveals beside another rater and the model. */
  revealing: Pick<RevealedScores, 'consensus' | 'gold'>
  /** The next commits are refused with this error until it is null again. */
  refusal: GradusError | null
  /** Commits wait for this before they are answered. */
  gate: Promise<void>
}

const numberOf = (pairId: string): number => Number(ulid.parse(pairId).slice(3))

/** Pairs 1 to `length`, whose premise is "Premise 1" and so on; each commit reveals one other rater and the model. */
export function exampleQueue(length: number): ExampleQueue {
  const answers: {
    pairId: string
    ratingId: string
    answer: Answer
    note: string | null
    confidence: number | null
  }[] = []
  const undone: typeof answers = []
  const skipped: string[] = []
  let lastRating = 500

  function task(number: number): AnnotateTask {
    return {
      pair: {
        id: exampleId(number),
        externalId: null,
        premise: `Premise ${number}`,
        hypothesis: `Hypothesis ${number}`,
      },
      orderShown: number - 1,
      shownBecause: 'order',
      suggestionId: null,
      retests: null,
      pairVersion: 1,
      previous: null,
    }
  }

  function next(): AnnotateTask | null {
    const done = new Set(answers.map((answer) => answer.pairId))
    const all = Array.from({ length }, (_, index) => exampleId(index + 1))
    const open = all.filter((pairId) => !done.has(pairId) && !skipped.includes(pairId))
    const later = skipped.filter((pairId) => !done.has(pairId))
    const pairId = [...open, ...later][0]
    return pairId === undefined ? null : task(numberOf(pairId))
  }

  function step(changes: Partial<AnnotateStep> = {}): AnnotateStep {
    return {
      next: next(),
      progress: {
        done: answers.length,
        total: length,
        skipped: skipped.length,
        calibration: null,
        pairsPerMinute: null,
        canUndo: answers.length > 0,
        canRedo: undone.length > 0,
      },
      revealed: null,
      ...changes,
    }
  }

  function revealed(pairId: string, ratingId: string, answer: Answer): RevealedScores {
    return {
      pairId,
      own: { ratingId, score: answerScore(answer) },
      others: [{ ratingId: exampleId(700), raterName: 'Ines', score: 0.82, note: null, disputed: false }],
      prediction: {
        runId: exampleId(800),
        score: 0.74,
        variance: 0.004,
        low: 0.61,
        high: 0.88,
        spread: null,
        doubt: null,
        abstained: false,
        outOfFold: false,
        disputed: false,
      },
      ...queue.revealing,
    }
  }

  const queue: ExampleQueue = {
    commits: [],
    disputes: [],
    revealing: { consensus: null, gold: null },
    refusal: null,
    gate: Promise.resolve(),
    handlers: {
      'annotate.next': () => step(),
      'annotate.open': ({ pairId }) => {
        const own = answers.find((answer) => answer.pairId === pairId) ?? null
        return step({
          next: {
            ...task(numberOf(pairId)),
            shownBecause: own === null ? 'chosen' : 'revision',
            previous: own,
          },
        })
      },
      'annotate.commit': async (commit) => {
        await queue.gate
        if (queue.refusal !== null) throw queue.refusal
        queue.commits.push(commit)
        const ratingId = exampleId(++lastRating)
        answers.push({
          pairId: commit.pairId,
          ratingId,
          answer: commit.answer,
          note: commit.note,
          confidence: commit.confidence ?? null,
        })
        undone.length = 0
        return { ...step({ revealed: revealed(commit.pairId, ratingId, commit.answer) }), ratingId }
      },
      'annotate.skip': ({ pairId }) => {
        skipped.push(pairId)
        return step()
      },
      'annotate.undo': () => {
        const last = answers.pop()
        if (last === undefined) throw new GradusError('nothing-to-do', 'There is no answer to undo.')
        undone.push(last)
        return step({ next: { ...task(numberOf(last.pairId)), previous: last } })
      },
      'annotate.redo': () => {
        const last = undone.pop()
        if (last === undefined) throw new GradusError('nothing-to-do', 'There is no answer to redo.')
        answers.push(last)
        return step()
      },
      'dispute.create': (given) => {
        queue.disputes.push(given)
        return {
          ...given,
          id: exampleId(950),
          disputedScore: 0.74,
          ownRatingId: exampleId(lastRating),
          createdAt: '2026-11-23T10:00:00.000Z',
        }
      },
    },
  }
  return queue
}
