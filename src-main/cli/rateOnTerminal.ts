import { createInterface, type Interface } from 'node:readline/promises'
import type {
  AnnotateProgress,
  AnnotateStep,
  AnnotateTask,
  RevealedScores,
} from '#shared/contract/annotate.ts'
import { cannotJudgeReason, type Answer } from '#shared/domain/rating.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { Session } from './session.ts'

/** What a line typed by a rater asks for. */
export type Typed =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'skip' | 'cannot-judge' | 'undo' | 'redo' | 'quit' | 'not-understood' }

const keys = 'a score from 0 to 1, or a range like .2-.5; s skip, n can’t judge, u undo, r redo, q quit'

function toScore(text: string): number | null {
  if (!/^(\d+\.?\d*|[.,]\d+|\d+,\d+)$/.test(text)) return null
  const value = Number(text.replace(',', '.'))
  return value <= 1 ? value : null
}

/** Reads what a rater has typed. */
export function readTyped(line: string): Typed {
  const text = line.trim().toLowerCase()
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
  }
  const value = toScore(text)
  if (value !== null) return { kind: 'answer', answer: { kind: 'score', value, rawPosition: value } }
  const [low, high, ...rest] = text.split(/\s*(?:-|–|\.\.)\s*(?=[.\d])/).map(toScore)
  if (low != null && high != null && rest.length === 0 && low <= high)
    return { kind: 'answer', answer: { kind: 'range', low, high } }
  return { kind: 'not-understood' }
}

function describeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'score':
      return answer.value.toFixed(2)
    case 'range':
      return `${answer.low.toFixed(2)} to ${answer.high.toFixed(2)}`
    case 'cannot-judge':
      return `can't judge (${answer.reason})`
  }
}

function describeRevealed({ others, prediction }: RevealedScores): string | null {
  const parts = others.map(({ raterName, score }) => `${raterName} ${score.toFixed(2)}`)
  if (prediction !== null)
    parts.push(
      `model ${prediction.score.toFixed(2)} (${prediction.low.toFixed(2)} to ${prediction.high.toFixed(2)})`,
    )
  return parts.length === 0 ? null : `Others: ${parts.join(', ')}`
}

function show(
  task: AnnotateTask,
  { done, total }: AnnotateProgress,
  ends: { low: string; high: string },
): void {
  const { pair, previous } = task
  console.log(`\n${done} of ${total} done. 0 = ${ends.low}, 1 = ${ends.high}.`)
  console.log(`Premise:    ${pair.premise}\nHypothesis: ${pair.hypothesis}`)
  if (previous !== null) console.log(`Your answer so far: ${describeAnswer(previous.answer)}`)
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
  const { lowLabel, highLabel } = context.session.store().project.read().settings
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
          answer,
          note: null,
          timing,
          orderShown,
          shownBecause,
          suggestionId,
          retests,
          pairVersion,
        })
        const revealed = step.revealed === null ? null : describeRevealed(step.revealed)
        if (revealed !== null) console.log(revealed)
        return step
      }
    }
  }

  console.log(`Type ${keys}.`)
  try {
    let step: AnnotateStep | null = await call('annotate.next', who)
    while (step?.next != null) {
      show(step.next, step.progress, { low: lowLabel, high: highLabel })
      const shown = Date.now()
      const typed = readTyped(await terminal.question('> ', { signal: ended.signal }))
      if (typed.kind === 'not-understood') {
        console.log(`Type ${keys}.`)
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
