import type { Split } from '#shared/domain/pair.ts'
import { premiseGroups } from './pairKeys.ts'

/**
 * The split a pair belongs to before validation is carved out: as declared, else `holdout` where the premise's place
 * on the split line (group / 2^48, in [0, 1)) is below `holdoutShare`, else `train`.
 */
export function effectiveSplit(
  pair: { readonly declaredSplit: Split | null; readonly premiseGroup: number },
  holdoutShare: number,
): Split {
  return pair.declaredSplit ?? (pair.premiseGroup < holdoutShare * premiseGroups ? 'holdout' : 'train')
}

/** The same as SQL over the columns of `pair` (or its alias), with the share as the parameter `@holdoutShare`. */
export function effectiveSplitSql(alias: string): string {
  return `COALESCE(${alias}.declared_split, CASE WHEN ${alias}.premise_group < @holdoutShare * ${premiseGroups}.0 THEN 'holdout' ELSE 'train' END)`
}
