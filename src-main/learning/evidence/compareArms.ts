import type { EvidenceFigures } from '#shared/domain/evidence.ts'
import { createRandom } from '../random.ts'
import type { Arms } from './arms.ts'
import { fitInOrder, invertFirst, type EvidenceKernel } from './fixedRidge.ts'
import { intervalOf, lessThan, meanOf, withNoise, type Resampled, type Resamples } from './resamples.ts'
import { meanInfluence, spreadInfluence } from './spreadInfluence.ts'
import { countWord, figureWord } from './words.ts'

type Comparison = EvidenceFigures['comparison']

/** With fewer of an arm, one label more or less decides. */
const fewestOfArm = 10
const drawCount = 8

/** Why the arms cannot be compared; null where they can. */
function obstacle({ base, random, chosen, randomSince }: Arms, labels: number): string | null {
  if (base === labels)
    return random.length === 0
      ? 'No pair was rated in a random order or as a suggestion yet, so there is nothing to compare.'
      : 'No suggestion is rated yet, so chosen pairs cannot be compared with random ones: rate pairs in Review.'
  if (chosen.length < fewestOfArm)
    return `${countWord(chosen.length, 'rated pair')} ${chosen.length === 1 ? 'was' : 'were'} chosen by a strategy; a comparison needs ${fewestOfArm}: rate more suggestions.`
  if (randomSince.length < fewestOfArm)
    return `${countWord(randomSince.length, 'random pair')} ${randomSince.length === 1 ? 'is' : 'are'} rated since the first suggestion; a comparison needs ${fewestOfArm}: raise the share of random pairs, or rate some in Annotate.`
  return null
}

/**
 * Chosen labels against as many random ones, each on top of the labels from before the first suggestion and with the same
 * strength of the ridge. The figures are means over draws from each arm; intervals are over the holdout's premises and over
 * which labels the arms happen to have, so that two random arms differ beyond theirs one time in twenty.
 */
export async function compareArms(
  kernel: EvidenceKernel,
  arms: Arms,
  lambda: number,
  resamples: Resamples,
  seed: number,
  pause: (share: number) => Promise<void>,
): Promise<Comparison> {
  const labels = kernel.target.length
  const reason = obstacle(arms, labels)
  if (reason !== null) return { points: [], draws: 0, verdict: null, sentence: reason }
  const { base } = arms
  const most = Math.min(arms.chosen.length, arms.randomSince.length)
  const added = [...new Set([0.25, 0.5, 0.75, 1].map((share) => Math.round(share * most)))].filter(
    (count) => count >= fewestOfArm,
  )
  const first = Uint32Array.from({ length: base }, (_, label) => label)
  const start = invertFirst(kernel, first, lambda)
  // [sizes][arm], of each draw.
  const found = added.map(() => ({ chosen: emptyDraws(), random: emptyDraws() }))
  for (let draw = 0; draw < drawCount; draw++)
    for (const [name, arm] of [
      ['chosen', arms.chosen],
      ['random', arms.randomSince],
    ] as const) {
      await pause((2 * draw + Number(name === 'random')) / (2 * drawCount))
      const drawn = createRandom(seed, 'arm', name, draw).shuffle(Uint32Array.from(arm)).subarray(0, most)
      const order = Uint32Array.of(...first, ...drawn)
      const sizes = added.map((count) => base + count)
      for (const [place, { score, influence }] of fitInOrder(kernel, order, sizes, lambda, start).entries()) {
        const into = found[place]?.[name]
        into?.figures.push(resamples.ofScores(score))
        into?.influences.push(spreadInfluence(influence, order, labels, base))
      }
    }
  const points: Comparison['points'] = []
  for (const [place, { chosen, random }] of found.entries()) {
    const [ofChosen, ofRandom] = [meanOf(chosen.figures), meanOf(random.figures)]
    if (ofChosen === null || ofRandom === null) continue
    const [one, other] = [chosen, random].map(({ influences }) => meanInfluence(influences, labels))
    const influence = (one ?? new Float64Array()).map((value, label) => value - (other?.[label] ?? 0))
    const difference = withNoise(lessThan(ofChosen, ofRandom), resamples.ofLabels(influence))
    points.push({
      added: added[place] ?? 0,
      chosen: ofChosen.value,
      random: ofRandom.value,
      difference: intervalOf(difference),
    })
  }
  const last = points.at(-1)
  if (last === undefined)
    return {
      points: [],
      draws: drawCount,
      verdict: null,
      sentence: 'r is not defined with these labels: all scores of an arm, or of the holdout, are the same.',
    }
  return { points, draws: drawCount, ...inWords(last) }
}

interface Draws {
  readonly figures: (Resampled | null)[]
  readonly influences: Float64Array[]
}

function emptyDraws(): Draws {
  return { figures: [], influences: [] }
}

function inWords({
  added,
  difference,
}: Comparison['points'][number]): Pick<Comparison, 'verdict' | 'sentence'> {
  const { value, low, high } = difference
  const range = `${figureWord(low, 3)} to ${figureWord(high, 3)}`
  const beside = `with ${countWord(added, 'label')} of each`
  if (low > 0)
    return {
      verdict: 'better',
      sentence: `Chosen pairs teach the model more than random ones: r is higher by ${figureWord(value, 3)} (${range}) ${beside}.`,
    }
  if (high < 0)
    return {
      verdict: 'worse',
      sentence: `Chosen pairs teach the model less than random ones: r is lower by ${figureWord(-value, 3)} (${figureWord(-high, 3)} to ${figureWord(-low, 3)}) ${beside}.`,
    }
  return {
    verdict: 'no-evidence',
    sentence: `No evidence of a difference yet: ${beside}, r with chosen pairs less r with random ones is ${figureWord(value, 3)} (${range}).`,
  }
}
