import { createInterface, type Interface } from 'node:readline/promises'
import type {
  AnnotateProgress,
  AnnotateStep,
  AnnotateTask,
  RevealedScores,
} from '#shared/contract/annotate.ts'
import {
  cannotJudgeReason,
  confidenceFromWords,
  confidenceWords,
  type Answer,
} from '#shared/domain/rating.ts'
import { shownDecimals, type ScaleKind } from '#shared/domain/score.ts'
import { GradusError } from '#shared/contract/errors.ts'
import { placedOn } from './ratings.ts'
import type { Session } from './session.ts'

/** What a line typed by a rater asks for. */
export type Typed =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly confidence: number | null }
  | { readonly kind: 'skip' | 'cannot-judge' | 'undo' | 'redo' | 'quit' | 'not-understood' }

function keys(asksConfidence: boolean): string {
  const sure = asksConfidence ? ', and if you like behind it unsure, fairly sure or sure' : ''
  return `a score from 0 to 1, or a range like .2-.5${sure}; s skip, n can’t judge, u undo, r redo, q quit`
}

function toScore(text: string): number | null {
  if (!/^(\d+\.?\d*|[.,]\d+|\d+,\d+)$/.test(text)) return null
  const value = Number(text.replace(',', '.'))
  return value <= 1 ? value : null
}

function toAction(text: string): Typed | null {
  switch (text) {
    case 's':
      return { kind: 'skip' }
    case 'n':
      return { kind: 'cannot-judge' }
    case 'u':
      return { kind: 'undo' }
    case 'r':
      return { kind: 'redo' }
    case 'q':
      return { kind: 'quit' }
    default:
      return null
  }
}

const withConfidence = new RegExp(`^(.*?)\\s+(${confidenceWords.join('|')})$`)

/** Reads what a rater has typed; how sure they are only where the project asks for it. */
export function readTyped(line: string, asksConfidence: boolean): Typed {
  const all = line.trim().toLowerCase()
  const [, before, words] = (asksConfidence ? withConfidence.exec(all) : null) ?? []
  const text = before ?? all
  const action = words === undefined ? toAction(text) : null
  if (action !== null) return action
  const confidence = words === undefined ? null : confidenceFromWords(words)
  const value = toScore(text)
  if (value !== null)
    return { kind: 'answer', answer: { kind: 'score', value, rawPosition: value }, confidence }
  const [low, high, ...rest] = text.split(/\s*(?:-|–|\.\.)\s*(?=[.\d])/).map(toScore)
  if (low != null && high != null && rest.length === 0 && low <= high)
    return { kind: 'answer', answer: { kind: 'range', low, high }, confidence }
  return { kind: 'not-understood' }
}

/** Scores as the project's scale tells them apart. */
function createDescriptions(scale: ScaleKind): {
  answer: (answer: Answer) => string
  revealed: (revealed: RevealedScores) => string | null
} {
  const text = (score: number): string => score.toFixed(shownDecimals(score, scale))
  return {
    answer(answer) {
      switch (answer.kind) {
        case 'score':
          return text(answer.value)
        case 'range':
          return `${text(answer.low)} to ${text(answer.high)}`
        case 'cannot-judge':
          return `can't judge (${answer.reason})`
      }
    },
    revealed({ others, prediction, consensus, gold }) {
      const parts = others.map(({ raterName, score }) => `${raterName} ${text(score)}`)
      if (consensus !== null)
        parts.push(`${consensus.adjudicated ? 'adjudicated' : 'consensus'} ${text(consensus.score)}`)
      if (prediction !== null)
        parts.push(`model ${text(prediction.score)} (${text(prediction.low)} to ${text(prediction.high)})`)
      const lines = parts.length === 0 ? [] : [`Others: ${parts.join(', ')}`]
      if (gold !== null) {
        const where = gold.within === null ? '' : gold.within ? ': within' : ': outside'
        const why = gold.explanation === '' ? '' : ` (${gold.explanation})`
        lines.push(`Gold: ${text(gold.score)} ± ${gold.tolerance.toFixed(2)}${where}${why}`)
      }
      return lines.length === 0 ? null : lines.join('\n')
    },
  }
}

function show(
  task: AnnotateTask,
  { done, total }: AnnotateProgress,
  ends: { low: string; high: string },
  describe: (answer: Answer) => string,
): void {
  const { pair, previous } = task
  console.log(`\n${done} of ${total} done. 0 = ${ends.low}, 1 = ${ends.high}.`)
  console.log(`Premise:    ${pair.premise}\nHypothesis: ${pair.hypothesis}`)
  if (previous !== null) console.log(`Your answer so far: ${describe(previous.answer)}`)
}

/** Asks why a rater cannot judge; null where they think better of it. */
async function askReason(terminal: Interface, signal: AbortSignal): Promise<Answer | null> {
  const reasons = cannotJudgeReason.options
  const listed = reasons.map((reason, index) => `${index + 1} ${reason.replaceAll('-', ' ')}`).join(', ')
  const reason = reasons[Number(await terminal.question(`Why? ${listed}: `, { signal })) - 1]
  return reason === undefined ? null : { kind: 'cannot-judge', reason }
}

/** Shows pair after pair and stores what is typed, until the queue is done or the rater quits. */
export async function rateOnTerminal(
  session: Session,
  raterId: string,
  queue: 'order' | 'review',
): Promise<void> {
  const { context, call } = session
  const who = { raterId, queue }
  const { lowLabel, highLabel, scaleKind, askConfidence } = context.session.store().project.read().settings
  const describe = createDescriptions(scaleKind)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const ended = new AbortController()
  terminal.once('close', () => ended.abort())
  // While it reads lines, Ctrl+C comes here and not to the process.
  terminal.once('SIGINT', () => terminal.close())

  const perform = async (
    task: AnnotateTask,
    typed: Typed,
    milliseconds: number,
  ): Promise<AnnotateStep | null> => {
    const pairId = task.pair.id
    switch (typed.kind) {
      case 'skip':
        return call('annotate.skip', { ...who, pairId })
      case 'undo':
        return call('annotate.undo', who)
      case 'redo':
        return call('annotate.redo', who)
      case 'quit':
        return null
      case 'not-understood':
      case 'cannot-judge':
      case 'answer': {
        const answer = typed.kind === 'answer' ? typed.answer : await askReason(terminal, ended.signal)
        if (answer === null)
          return {
            next: task,
            progress: (await call('annotate.next', who)).progress,
            revealed: null,
          }
        const { orderShown, shownBecause, suggestionId, retests, pairVersion } = task
        const timing = { timeToFirstTouch: null, timeToCommit: milliseconds, changeCount: 0 }
        const step = await call('annotate.commit', {
          ...who,
          pairId,
          answer: placedOn(scaleKind, answer),
          note: null,
          confidence: typed.kind === 'answer' ? typed.confidence : null,
          timing,
          orderShown,
          shownBecause,
          suggestionId,
          retests,
          pairVersion,
        })
        const revealed = step.revealed === null ? null : describe.revealed(step.revealed)
        if (revealed !== null) console.log(revealed)
        return step
      }
    }
  }

  console.log(`Type ${keys(askConfidence)}.`)
  try {
    let step: AnnotateStep | null = await call('annotate.next', who)
    while (step?.next != null) {
      show(step.next, step.progress, { low: lowLabel, high: highLabel }, describe.answer)
      const shown = Date.now()
      const typed = readTyped(await terminal.question('> ', { signal: ended.signal }), askConfidence)
      if (typed.kind === 'not-understood') {
        console.log(`Type ${keys(askConfidence)}.`)
        continue
      }
      try {
        step = await perform(step.next, typed, Date.now() - shown)
      } catch (thrown) {
        // Nothing to undo or redo is no reason to stop: the same pair is asked again.
        if (!(thrown instanceof GradusError && thrown.code === 'nothing-to-do')) throw thrown
        console.log(thrown.message)
      }
    }
    if (step !== null) console.log('Every pair of this queue is answered.')
  } catch (thrown) {
    // The end of the input and Ctrl+C are ways to quit: everything typed is stored.
    if (!ended.signal.aborted) throw thrown
    console.log('')
  } finally {
    terminal.close()
  }
}
