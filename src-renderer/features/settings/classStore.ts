import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import { call } from '../../client.ts'
import { showToast } from '../../components/toasts.ts'
import { useProjectStore } from '../../stores/project.ts'
import {
  classesOf,
  differs,
  draftOf,
  effectOf,
  problemsOf,
  type ClassDraft,
  type LabelCount,
} from './classDraft.ts'

/** The classes of the project while they are edited; they outlive leaving the view, as all drafts of Settings do. */
export const useClassStore = defineStore('classes', () => {
  const project = useProjectStore()
  const draft = shallowRef<readonly ClassDraft[] | null>(null)
  const counts = shallowRef<readonly LabelCount[] | null>(null)
  const failure = shallowRef<ErrorShape | null>(null)
  const saving = shallowRef(false)

  const present = computed(() => project.overview?.settings.classScores ?? [])
  const form = computed(() => draft.value ?? draftOf(present.value))
  const problems = computed(() => problemsOf(form.value))
  const unsaved = computed(() => draft.value !== null && differs(draft.value, present.value))
  const wanted = computed(() => (unsaved.value ? classesOf(form.value) : null))
  const effect = computed(() =>
    wanted.value === null || counts.value === null ? '' : effectOf(counts.value, present.value, wanted.value),
  )
  /** The job in which many labels follow the last change. */
  const job = computed(() => project.runningJobs.find(({ detail }) => detail.kind === 'rescore') ?? null)

  /** Learns how many labels the project has of each class. */
  async function count(): Promise<void> {
    try {
      counts.value = await call('project.labels', {})
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    }
  }

  async function save(): Promise<void> {
    if (wanted.value === null) return
    saving.value = true
    failure.value = null
    try {
      project.setOverview(await call('project.configure', { settings: { classScores: wanted.value } }))
      draft.value = null
      showToast('Classes saved')
      await count()
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    } finally {
      saving.value = false
    }
  }

  async function cancel(jobId: string): Promise<void> {
    try {
      await call('jobs.cancel', { jobId })
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    }
  }

  function discard(): void {
    draft.value = null
    failure.value = null
  }

  watch(
    () => project.overview?.fileKey,
    () => {
      discard()
      counts.value = null
    },
  )
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
  watch(unsaved, (isUnsaved) => {
    if (isUnsaved) window.addEventListener('beforeunload', warn)
    else window.removeEventListener('beforeunload', warn)
  })

  return {
    draft,
    form,
    problems,
    unsaved,
    wanted,
    effect,
    job,
    failure,
    saving,
    count,
    save,
    cancel,
    discard,
  }
})
