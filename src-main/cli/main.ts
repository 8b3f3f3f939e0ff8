import { Command, CommanderError } from 'commander'
import { addAgreementCommand } from './agreement.ts'
import { addBackendsCommand } from './backends.ts'
import { addChooseCommand } from './choose.ts'
import { addDisagreementsCommand } from './disagreements.ts'
import { addEvaluateCommand } from './evaluate.ts'
import { addEvidenceCommand } from './evidence.ts'
import { addExportCommand } from './export.ts'
import { addGoldCommand } from './gold.ts'
import { addImportCommand } from './import.ts'
import { addNewCommand } from './new.ts'
import { addPlanCommand } from './plan.ts'
import { addPredictCommand } from './predict.ts'
import { addRateCommand } from './rate.ts'
import { addRunsCommand } from './runs.ts'
import { addSettleCommand } from './settle.ts'
import { addSimulateCommand } from './simulate.ts'
import { addSuggestCommand } from './suggest.ts'
import { printFailure, printResult } from './terminal.ts'
import { addTrainCommand } from './train.ts'
import { addWorkCommands } from './work.ts'

/**
 * The command line. Exit codes: 0 done; 1 something about what the user gave, or cancelled; 2 the machine's fault or
 * ours.
 */
function createProgram(): Command {
  const program = new Command('gradus')
    .description('Score how strongly two texts belong together, and train on it.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
  addNewCommand(program)
  addImportCommand(program)
  addRateCommand(program)
  addPlanCommand(program)
  addChooseCommand(program)
  addGoldCommand(program)
  addWorkCommands(program)
  addTrainCommand(program)
  addRunsCommand(program)
  addPredictCommand(program)
  addSuggestCommand(program)
  addDisagreementsCommand(program)
  addSettleCommand(program)
  addEvaluateCommand(program)
  addAgreementCommand(program)
  addEvidenceCommand(program)
  addSimulateCommand(program)
  addExportCommand(program)
  addBackendsCommand(program)
  return program
}

async function exitCodeOf(thrown: unknown, json: boolean): Promise<number> {
  if (thrown instanceof CommanderError) {
    // Help ends by throwing, too; what was wrong with the arguments has been said on stderr.
    if (thrown.exitCode === 0) return 0
    if (json) await printResult(true, { error: { code: 'bad-options', message: thrown.message } }, () => '')
    return 1
  }
  const { isUserError, toErrorShape } = await import('#shared/contract/errors.ts')
  const error = toErrorShape(thrown)
  if (error.code === 'unexpected') console.error(thrown)
  await printFailure(json, error)
  return isUserError(error.code) ? 1 : 2
}

// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', (thrown: NodeJS.ErrnoException) => process.exit(thrown.code === 'EPIPE' ? 0 : 2))

try {
  await createProgram().parseAsync()
} catch (thrown) {
  process.exitCode = await exitCodeOf(thrown, process.argv.includes('--json'))
}
