import { GradusError } from '#shared/contract/errors.ts'
import type { MadeChoice } from '#shared/contract/settling.ts'
import type { Decision } from '#shared/domain/decision.ts'
import { limits } from '../../formats/limits.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { writing } from '../../store/writing.ts'
import { requireRater, requireWholeProject } from '../withProject.ts'
import { scoreWords } from './reasons.ts'

/** What somebody wants to decide about a pair. */
export interface WantedDecision {
  readonly pairId: string
  readonly decidedBy: string
  readonly reason: string
  readonly choice: MadeChoice
}

/** A rater who counts and has not answered the pair as it reads now. */
export interface OpenRater {
  readonly id: string
  readonly name: string
  /** The pair is dealt to them or asked of them. */
  readonly assigned: boolean
}

/** Who could still rate a pair, in the order of their making. */
export function openRaters(store: ProjectStore, pairId: string): OpenRater[] {
  const setAside = store.raters.setAside()
  const assigned = new Set(store.assignments.ofPair(pairId).map(({ raterId }) => raterId))
  return store.raters
    .list()
    .filter(({ id }) => !setAside.has(id) && store.ratings.current(pairId, id) === null)
    .map(({ id, name }) => ({ id, name, assigned: assigned.has(id) }))
}

function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} others`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** Whom to ask, with what follows from it in words. @throws GradusError where there is nobody. */
function chooseAsked(
  store: ProjectStore,
  pairId: string,
  askedRaterId: string | null,
): { raterId: string | null; told: string } {
  const open = openRaters(store, pairId)
  if (askedRaterId !== null) {
    requireRater(store, askedRaterId)
    const name = store.raters.byId(askedRaterId)?.name ?? ''
    if (store.raters.setAside().has(askedRaterId))
      throw new GradusError(
        'bad-request',
        `${name} is set aside: their rating would not count. Ask somebody else.`,
      )
    if (!open.some(({ id }) => id === askedRaterId))
      throw new GradusError('already-exists', `${name} has rated this pair already: ask somebody else.`)
    return { raterId: askedRaterId, told: `${name} gets the pair next.` }
  }
  if (open.length === 0)
    throw new GradusError(
      'nothing-to-do',
      'Every rater who counts has rated this pair: add a rater, or settle it with what there is.',
    )
  const names = listed(open.map(({ name }) => name))
  if (store.project.read().settings.overlap === null)
    return {
      raterId: null,
      told: `The pair is open to ${names}, who ${open.length === 1 ? 'has' : 'have'} not rated it.`,
    }
  // Under a plan nobody comes by unasked: whoever has least to do gets it.
  const waiting = new Map(
    store.assignments.counts().map(({ raterId, assigned, answered }) => [raterId, assigned - answered]),
  )
  const chosen = open.toSorted((one, other) => (waiting.get(one.id) ?? 0) - (waiting.get(other.id) ?? 0))[0]
  return chosen === undefined
    ? { raterId: null, told: '' }
    : { raterId: chosen.id, told: `${chosen.name}, who has least to rate, gets the pair next.` }
}

function checkTexts(
  store: ProjectStore,
  pairId: string,
  choice: { premise: string; hypothesis: string },
): void {
  const present = store.pairs.byId(pairId)
  for (const [name, text] of [
    ['premise', choice.premise],
    ['hypothesis', choice.hypothesis],
  ] as const) {
    if (!/[^\s\p{C}]/u.test(text))
      throw new GradusError('bad-request', `The ${name} is empty: nothing was changed.`)
    if (text.length > limits.text)
      throw new GradusError(
        'bad-request',
        `The ${name} has ${text.length.toLocaleString('en')} characters; at most ${limits.text.toLocaleString('en')} are taken.`,
      )
    if (text.includes('\0') || !text.isWellFormed())
      throw new GradusError('bad-request', `The ${name} holds a broken character: nothing was changed.`)
  }
  if (present?.premise === choice.premise && present.hypothesis === choice.hypothesis)
    throw new GradusError('nothing-to-do', 'The texts are the same as before: nothing was changed.')
}

/** @throws GradusError with a sentence where the decision would change nothing or cannot be made. */
function check(store: ProjectStore, { pairId, choice }: WantedDecision): void {
  const isBinned = store.decisions.isBinned(pairId)
  if (choice.kind === 'restored') {
    if (!isBinned) throw new GradusError('nothing-to-do', 'This pair is not in the bin.')
    return
  }
  if (isBinned)
    throw new GradusError('bad-request', 'This pair is in the bin: restore it first, in Data under Bin.')
  if (store.pairs.byId(pairId) === null)
    throw new GradusError('not-found', 'This pair is not in the project: choose another one.')
  if (choice.kind === 'reopened' && store.decisions.settled(pairId) === null)
    throw new GradusError('nothing-to-do', 'This pair is not settled: there is nothing to reopen.')
  if (choice.kind === 'ambiguous' && store.labels.consensus(pairId) === null)
    throw new GradusError('bad-request', 'Nobody has scored this pair: there is no spread to accept.')
}

function tellAbout(choice: MadeChoice): string {
  switch (choice.kind) {
    case 'adjudicated':
      return `Adjudicated ${scoreWords(choice.score)}: this is the pair’s score from now on. Ratings stay as they are.`
    case 'ambiguous':
      return 'Accepted as ambiguous: the consensus stays, and the pair leaves the queue.'
    case 'reopened':
      return 'Open again: the consensus of the ratings counts.'
    case 'binned':
      return 'In the bin, with its ratings. Restore it in Data under Bin.'
    case 'restored':
      return 'Out of the bin, with its ratings.'
    case 'another-rater':
      return ''
    case 'text-fixed':
      return 'The text is fixed. Earlier ratings stay with the earlier text; the pair is open to all raters.'
  }
}

/**
 * Decides about a pair. Ratings are never touched; a later decision takes this one's place.
 * @returns the decision and what follows from it, in one sentence.
 * @throws GradusError with a sentence where it would change nothing or cannot be.
 */
export function decide(store: ProjectStore, wanted: WantedDecision): { decision: Decision; told: string } {
  requireWholeProject(store, 'pairs are settled')
  requireRater(store, wanted.decidedBy)
  check(store, wanted)
  const { pairId, decidedBy, reason, choice } = wanted
  const about = { pairId, decidedBy, reason, score: null, askedRaterId: null }
  const perform = writing(store.database, (): { decision: Decision; told: string } => {
    switch (choice.kind) {
      case 'adjudicated':
        return {
          decision: store.decisions.add({ ...about, kind: choice.kind, score: choice.score }),
          told: tellAbout(choice),
        }
      case 'another-rater': {
        const { raterId, told } = chooseAsked(store, pairId, choice.askedRaterId)
        const decision = store.decisions.add({ ...about, kind: choice.kind, askedRaterId: raterId })
        if (raterId !== null) {
          store.assignments.add([{ raterId, pairId, kind: 'asked' }])
          store.assignments.planChanged()
        }
        return { decision, told }
      }
      case 'text-fixed': {
        const texts = { premise: choice.premise.trim(), hypothesis: choice.hypothesis.trim() }
        checkTexts(store, pairId, texts)
        const wasSettled = store.decisions.settled(pairId) !== null
        if (!store.decisions.fixText(pairId, texts))
          throw new GradusError(
            'already-exists',
            'Another pair has these very texts, maybe one in the bin: nothing was changed. Drop this pair to the bin instead, or write other texts.',
          )
        const decision = store.decisions.add({ ...about, kind: choice.kind })
        // What was settled was the old text.
        if (wasSettled) store.decisions.add({ ...about, kind: 'reopened', reason: 'The text was fixed.' })
        return { decision, told: tellAbout(choice) }
      }
      default:
        return { decision: store.decisions.add({ ...about, kind: choice.kind }), told: tellAbout(choice) }
    }
  })
  return store.tally.following(pairId, perform)
}
