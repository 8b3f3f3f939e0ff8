import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { backendTitles } from '../src-shared/domain/backend.ts'
import { createForkWorker } from '../src-main/jobs/forkWorker.ts'
import { climb, firstFit } from '../src-main/learning/runtime/ladder.ts'
import { builtEntries } from '../src-main/programRoot.ts'
import { locateFolders } from '../src-main/services/projects/folders.ts'

/** Probes every rung of the ladder on this machine: one step of the default heads, and whether it is used. */
export async function run(): Promise<void> {
  const { data } = locateFolders(process.env['GRADUS_HOME'])
  const rungs = await climb({
    startWorker: createForkWorker(builtEntries),
    // A software device counts where the environment names one: it is measured, and never faster.
    machine: { gpuFolder: join(data, 'gpu'), allowSoftware: process.env['VK_ICD_FILENAMES'] !== undefined },
    threads: availableParallelism(),
    signal: new AbortController().signal,
    onRung: (name) => console.error(`Probing ${backendTitles[name]} …`),
  })
  console.log(`${'back end'.padEnd(22)}${'ms a step'.padStart(10)}  verdict`)
  for (const { name, verdict, reason, millisecondsPerStep } of rungs)
    console.log(
      `${backendTitles[name].padEnd(22)}${(millisecondsPerStep?.toFixed(2) ?? '–').padStart(10)}  ${verdict}: ${reason}`,
    )
  const measured = rungs.filter(({ millisecondsPerStep }) => millisecondsPerStep !== null)
  console.log(
    `measured: ${measured.map(({ name }) => name).join(', ')}; not here: ${
      rungs
        .flatMap(({ name, millisecondsPerStep }) => (millisecondsPerStep === null ? [name] : []))
        .join(', ') || 'none'
    }; used: ${firstFit(rungs)}`,
  )
}

if (import.meta.main) await run()
