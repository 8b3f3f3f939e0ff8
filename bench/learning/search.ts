import { describeSearch, searchBench } from '../support/searchBench.ts'
import { skipped, target } from '../support/targets.ts'
import { quick } from './quick.ts'

const configurations = quick ? 3 : 24
const names = {
  'STS-B train': 'search-default-behind-stsb',
  'UNLI dev': 'search-default-behind-unli',
} as const

/** Searches settings of the regression heads on both data sets: the default is to be within one standard error of the best. */
export async function search(): Promise<void> {
  const result = await searchBench(configurations)
  if ('skipped' in result) {
    for (const name of Object.values(names)) skipped(name, result.skipped)
    return
  }
  for (const data of result.data) {
    console.log(describeSearch(data))
    const lead = data.report.behind[0]
    if (lead == null) skipped(names[data.name], 'the default cannot be compared')
    else target(names[data.name], lead.value / Math.max(lead.standardError, 1e-9), '<=', 1, 2)
  }
}
