import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import type { MergedFile, PlanOverview, WorkFile } from '#shared/contract/plan.ts'
import type { OverlapPlan } from '#shared/domain/plan.ts'
import { call } from '../../client.ts'
import { canChooseFolder, chooseFolder, chooseWorkFile } from '../../host.ts'
import { useProjectStore } from '../../stores/project.ts'

/** Who rates what, and the files that raters work in elsewhere. */
export const usePlanStore = defineStore('plan', () => {
  const project = useProjectStore()
  const plan = shallowRef<PlanOverview | null>(null)
  const failure = shallowRef<ErrorShape | null>(null)
  const busy = shallowRef(false)
  const split = shallowRef<readonly WorkFile[]>([])
  const merged = shallowRef<readonly MergedFile[]>([])
  const job = computed(() => project.runningJobs.find(({ detail }) => detail.kind === 'deal') ?? null)

  /** Does one thing after another; what fails is shown. */
  async function perform(work: () => Promise<unknown>): Promise<void> {
    if (busy.value) return
    busy.value = true
    failure.value = null
    try {
      await work()
      plan.value = await call('plan.read', {})
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    } finally {
      busy.value = false
    }
  }

  return {
    plan,
    failure,
    busy,
    split,
    merged,
    job,
    load: () => perform(() => Promise.resolve()),
    set: (overlap: OverlapPlan | null) => perform(() => call('plan.set', { overlap })),
    deal: () => perform(() => call('plan.deal', {})),
    choose: (pairs: number) => perform(() => call('calibration.choose', { pairs })),
    configure: (settings: { retestShare?: number; goldFeedback?: boolean }) =>
      perform(() => call('project.configure', { settings })),
    removeGold: (pairId: string) => perform(() => call('settling.gold', { pairId, gold: null })),
    splitWork: (raterIds: string[]) =>
      perform(async () => {
        const folder = canChooseFolder() ? await chooseFolder() : null
        if (canChooseFolder() && folder === null) return
        const { files } = await call('work.split', { raterIds, folderToken: folder?.folderToken ?? null })
        split.value = files
      }),
    mergeWork: () =>
      perform(async () => {
        const file = await chooseWorkFile()
        if (file === null) return
        const { files } = await call('work.merge', { fileTokens: [file.fileToken] })
        merged.value = [...files, ...merged.value]
      }),
  }
})
