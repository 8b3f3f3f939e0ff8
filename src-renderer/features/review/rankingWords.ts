import { strategyNames, type ChoosingSettings, type Ranking } from '#shared/domain/suggestion.ts'
import { percent } from '../../format/numbers.ts'

/** How suggestions were chosen, in a sentence. */
export function rankingWords({
  strategy,
  batchSize,
  randomShare,
}: Pick<Ranking, 'strategy' | 'batchSize' | 'randomShare'>): string {
  if (strategy === 'random') return `Drawn at random, in batches of ${batchSize}.`
  const drawn = randomShare === 0 ? 'none' : percent(randomShare)
  return `${strategyNames[strategy]}, in batches of ${batchSize}, ${drawn} of the new pairs drawn at random.`
}

/** Whether the project's settings would rank otherwise now. */
export function ranksOtherwise(
  ranking: Pick<Ranking, 'strategy' | 'batchSize' | 'randomShare'>,
  settings: Pick<ChoosingSettings, 'strategy' | 'batchSize' | 'randomShare'>,
): boolean {
  return (
    ranking.strategy !== settings.strategy ||
    ranking.batchSize !== settings.batchSize ||
    (ranking.randomShare !== settings.randomShare && ranking.strategy !== 'random')
  )
}
