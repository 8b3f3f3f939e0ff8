import { createInterface } from 'node:readline'
import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import {
  cannotJudgeReason,
  confidence,
  confidenceFromWords,
  confidenceWords,
  type Answer,
  type CannotJudgeReason,
} from '#shared/domain/rating.ts'
import { positionOf, score, type ScaleKind, type ScoreRange } from '#shared/domain/score.ts'
import type { Session } from './session.ts'

/** What `gradus rate` is asked to do. */
export interface RateOptions {
  readonly rater: string
  readonly pair?: string
  readonly score?: number
  readonly range?: ScoreRange
  readonly cannotJudge?: CannotJudgeReason
  readonly confidence?: string
  readonly note?: string
  readonly queue: 'order' | 'review'
  readonly json?: true
}

/** A rating as it was given, with where it was given for messages. */
export interface GivenRating {
  readonly where: string
  /** Our id of the pair, or the one it was imported with. */
  readonly pair: string
  /** A score stands for itself on the track: where it is there follows from the project's scale. */
  readonly answer: Answer
  /** 1–3; null where nothing was said. */
  readonly confidence: number | null
  readonly note: string | null
}

/** A score that was typed and never on a track: it gets the place where the project's scale has it. */
export function placedOn(scale: ScaleKind, answer: Answer): Answer {
  return answer.kind === 'score' ? { ...answer, rawPosition: positionOf(answer.value, scale) } : answer
}

/** The rater of this name, made where there is none. */
export async function findRater({ context, call }: Session, name: string): Promise<string> {
  const known = context.session.store().raters.byName(name)
  return known?.id ?? (await call('rater.create', { name })).id
}

/** A pair by our id or the one it was imported with. @throws GradusError `not-found`. */
export function findPair({ context }: Session, name: string): string {
  const { pairs } = context.session.store()
  const pair = pairs.byId(name) ?? pairs.byExternalId(name)
  if (pair === null) throw new GradusError('not-found', `No pair of this project has the id "${name}".`)
  return pair.id
}

/** The rating that the options give. @throws GradusError `bad-options`. */
export function readGivenRating(options: RateOptions): GivenRating {
  const { pair, score: value, range, cannotJudge, note, confidence: sure } = options
  const answer = ((): Answer | null => {
    if (value !== undefined) return { kind: 'score', value, rawPosition: value }
    if (range !== undefined) return { kind: 'range', ...range }
    if (cannotJudge !== undefined) return { kind: 'cannot-judge', reason: cannotJudge }
    return null
  })()
  if (pair === undefined || answer === null)
    throw new GradusError('bad-options', 'Give --score, --range or --cannot-judge with --pair.')
  if (answer.kind === 'range' && (answer.low < 0 || answer.high > 1))
    throw new GradusError('bad-options', 'A range lies within 0..1.')
  return {
    where: `--pair ${pair}`,
    pair,
    answer,
    confidence: sure === undefined ? null : confidenceFromWords(sure),
    note: note ?? null,
  }
}

const named = { pair: z.string().min(1), note: z.string().trim().max(4000).optional() }
/** As the exported dataset has it, or in words. */
const sure = {
  confidence: z.union([confidence, z.enum(confidenceWords).transform(confidenceFromWords)]).optional(),
}
const ratingLine = z.union([
  z.strictObject({ ...named, ...sure, score }),
  z
    .strictObject({ ...named, ...sure, low: score, high: score })
    .refine(({ low, high }) => low <= high, 'low must not be above high'),
  z.strictObject({ ...named, cannotJudge: cannotJudgeReason }),
])

function toAnswer(line: z.infer<typeof ratingLine>): Answer {
  if ('score' in line) return { kind: 'score', value: line.score, rawPosition: line.score }
  if ('low' in line) return { kind: 'range', low: line.low, high: line.high }
  return { kind: 'cannot-judge', reason: line.cannotJudge }
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is told like any other line that fits nothing.
    return undefined
  }
}

/** Ratings from JSON Lines. @throws GradusError `bad-file` at the first line that is none. */
export async function* readRatings(input: NodeJS.ReadableStream): AsyncGenerator<GivenRating> {
  let number = 0
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    number += 1
    if (text.trim() === '') continue
    const where = `Line ${number} of the input`
    const parsed = ratingLine.safeParse(parseLine(text))
    if (!parsed.success)
      throw new GradusError(
        'bad-file',
        `${where} is no rating: write a JSON object with "pair" and either "score" (0 to 1), "low" and "high", or ` +
          `"cannotJudge". The ratings of the lines before it are stored.`,
      )
    const { pair, note = null } = parsed.data
    const given = 'cannotJudge' in parsed.data ? null : (parsed.data.confidence ?? null)
    yield { where, pair, answer: toAnswer(parsed.data), confidence: given, note }
  }
}

/**
 * Stores a rating as the window does.
 * @param queue `review`: a pair that is suggested counts as rated because it was.
 * @param before how many ratings this command has stored already, for messages.
 * @throws GradusError `not-found` where no such pair is in the project, `bad-options` where a confidence is given that the
 *   project does not ask for.
 */
export async function storeRating(
  { context, call }: Session,
  raterId: string,
  { where, pair, answer, confidence: sureness, note }: GivenRating,
  before: number,
  queue: RateOptions['queue'] = 'order',
): Promise<{ pair: string; rating: string }> {
  const { pairs, project } = context.session.store()
  const { scaleKind, askConfidence } = project.read().settings
  const storedBefore = before === 0 ? '' : ` Stored before it: ${before}.`
  const pairId = (pairs.byId(pair) ?? pairs.byExternalId(pair))?.id
  if (pairId === undefined)
    throw new GradusError(
      'not-found',
      `${where}: no pair of this project has the id "${pair}".${storedBefore}`,
    )
  if (sureness !== null && !askConfidence)
    throw new GradusError(
      'bad-options',
      `${where}: this project does not ask how sure raters are: leave the confidence out, or ask for it in Settings.${storedBefore}`,
    )
  const who = { raterId, queue, pairId }
  const { next } = await call('annotate.open', who)
  const { ratingId } = await call('annotate.commit', {
    ...who,
    answer: placedOn(scaleKind, answer),
    note,
    confidence: sureness,
    timing: null,
    orderShown: next?.orderShown ?? 0,
    shownBecause: next?.shownBecause ?? 'chosen',
    suggestionId: next?.suggestionId ?? null,
    retests: next?.retests ?? null,
  })
  return { pair: pairId, rating: ratingId }
}
