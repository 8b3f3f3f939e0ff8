import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import { call } from '../../client.ts'
import { showToast } from '../../components/toasts.ts'
import { useProjectStore } from '../../stores/project.ts'
import {
  differs as examplesDiffer,
  draftOf as draftOfExamples,
  examplesOf,
  type ExampleDraft,
} from './exampleDraft.ts'
import { changeOf, differs, draftOf, problemsOf, type ProjectDraft } from './drafts.ts'

/** What is typed in Settings and not yet saved; it outlives leaving the view, and the browser asks before leaving the page. */
export const useSettingsStore = defineStore('settings', () => {
  const project = useProjectStore()
  const draft = shallowRef<ProjectDraft | null>(null)
  const guidelineText = shallowRef<string | null>(null)
  const exampleDraft = shallowRef<readonly ExampleDraft[] | null>(null)
  const projectFailure = shallowRef<ErrorShape | null>(null)
  const guidelineFailure = shallowRef<ErrorShape | null>(null)
  const saving = shallowRef<'project' | 'guideline' | null>(null)

  const form = computed(() => draft.value ?? (project.overview === null ? null : draftOf(project.overview)))
  const problems = computed(() => (form.value === null ? {} : problemsOf(form.value)))
  const change = computed(() =>
    form.value === null || project.overview === null ? null : changeOf(form.value, project.overview),
  )
  const projectUnsaved = computed(
    () => draft.value !== null && project.overview !== null && differs(draft.value, project.overview),
  )
  const guideline = computed(() => guidelineText.value ?? project.overview?.guideline.text ?? '')
  const examples = computed(
    () => exampleDraft.value ?? draftOfExamples(project.overview?.guideline.examples ?? []),
  )
  const guidelineUnsaved = computed(
    () =>
      (guidelineText.value !== null && guidelineText.value !== project.overview?.guideline.text) ||
      examplesDiffer(examples.value, project.overview?.guideline.examples ?? []),
  )
  /** The next version; null where there is nothing to save, or not all of it can be saved. */
  const guidelineChange = computed(() => {
    const wanted = examplesOf(examples.value)
    return guidelineUnsaved.value && wanted !== null ? { text: guideline.value, examples: wanted } : null
  })

  async function saveProject(): Promise<void> {
    if (change.value === null) return
    saving.value = 'project'
    projectFailure.value = null
    try {
      project.setOverview(await call('project.configure', change.value))
      draft.value = null
      showToast('Project settings saved')
    } catch (thrown) {
      projectFailure.value = toErrorShape(thrown)
    } finally {
      saving.value = null
    }
  }

  async function saveGuideline(): Promise<void> {
    if (guidelineChange.value === null) return
    saving.value = 'guideline'
    guidelineFailure.value = null
    try {
      const written = await call('project.writeGuideline', guidelineChange.value)
      if (project.overview !== null) project.setOverview({ ...project.overview, guideline: written })
      guidelineText.value = null
      exampleDraft.value = null
      showToast(`Guideline saved as version ${written.version}`)
    } catch (thrown) {
      guidelineFailure.value = toErrorShape(thrown)
    } finally {
      saving.value = null
    }
  }

  function discardProject(): void {
    draft.value = null
    projectFailure.value = null
  }

  function discardGuideline(): void {
    guidelineText.value = null
    exampleDraft.value = null
    guidelineFailure.value = null
  }

  watch(
    () => project.overview?.fileKey,
    () => {
      discardProject()
      discardGuideline()
    },
  )
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
  watch(
    () => projectUnsaved.value || guidelineUnsaved.value,
    (unsaved) => {
      if (unsaved) window.addEventListener('beforeunload', warn)
      else window.removeEventListener('beforeunload', warn)
    },
  )

  return {
    draft,
    form,
    problems,
    change,
    projectUnsaved,
    projectFailure,
    guidelineText,
    guideline,
    exampleDraft,
    examples,
    guidelineChange,
    guidelineUnsaved,
    guidelineFailure,
    saving,
    saveProject,
    saveGuideline,
    discardProject,
    discardGuideline,
  }
})
