import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { GradusError, toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import type { ChosenFile } from '#shared/contract/host.ts'
import type { FileLayout, ImportPreview } from '#shared/contract/imports.ts'
import { call } from '../../client.ts'
import { useProjectStore } from '../../stores/project.ts'
import {
  formOf,
  optionsOf,
  problemsOf,
  questionOf,
  questionOfLayout,
  refreshed,
  withFurtherColumns,
  type ImportForm,
  type PreviewQuestion,
} from './importForm.ts'

/** Where the import stands. What was said about a file is kept when the view is left. */
export type ImportStep =
  | { readonly at: 'choose' }
  | { readonly at: 'reading'; readonly share: number | null }
  | {
      readonly at: 'preview'
      readonly file: ChosenFile
      readonly preview: ImportPreview
      readonly form: ImportForm
    }
  | { readonly at: 'job'; readonly jobId: string }

type FileChooser = (onProgress: (share: number) => void) => Promise<ChosenFile | null>

export const useImportStore = defineStore('import', () => {
  const project = useProjectStore()
  const step = shallowRef<ImportStep>({ at: 'choose' })
  const failure = shallowRef<ErrorShape | null>(null)
  /** True while the preview does not yet show what the form says. */
  const refreshing = shallowRef(false)
  const starting = shallowRef(false)
  let asking = new AbortController()
  /** Counts the files asked for: one that comes after another, or after a change of project, is not taken. */
  let taking = 0

  const problems = computed(() => (step.value.at === 'preview' ? problemsOf(step.value.form) : {}))
  const options = computed(() => (step.value.at === 'preview' ? optionsOf(step.value.form) : null))
  const job = computed(() => (step.value.at === 'job' ? project.job(step.value.jobId) : null))

  /** Takes a file by a dialog or a drop and shows its beginning. */
  async function take(choose: FileChooser): Promise<void> {
    const before = step.value
    const mine = ++taking
    failure.value = null
    try {
      const file = await choose((share) => {
        if (mine === taking) step.value = { at: 'reading', share }
      })
      if (mine !== taking) return
      if (file === null) {
        step.value = before
        return
      }
      step.value = { at: 'reading', share: null }
      const preview = await call('imports.preview', { fileToken: file.fileToken })
      if (mine === taking) show({ at: 'preview', file, preview, form: formOf(preview) })
    } catch (thrown) {
      if (mine !== taking) return
      step.value = before.at === 'job' || before.at === 'reading' ? { at: 'choose' } : before
      failure.value = toErrorShape(thrown)
    }
  }

  /** Shows a file as read; where the form keeps more columns than were asked with, the file is read again with them. */
  function show(next: Extract<ImportStep, { at: 'preview' }>): void {
    step.value = next
    if (next.form.columns.metadata.length > next.preview.columns.metadata.length)
      void ask(questionOf(next.form))
  }

  async function ask(question: PreviewQuestion): Promise<void> {
    const current = step.value
    if (current.at !== 'preview') return
    asking.abort()
    asking = new AbortController()
    const { signal } = asking
    refreshing.value = true
    try {
      const preview = await call(
        'imports.preview',
        { fileToken: current.file.fileToken, ...question },
        { signal },
      )
      const present = step.value
      if (signal.aborted || present.at !== 'preview') return
      failure.value = null
      const form = refreshed(present.form, preview)
      show({
        ...present,
        preview,
        form: question.columns === undefined ? { ...form, columns: withFurtherColumns(preview) } : form,
      })
    } catch (thrown) {
      if (signal.aborted || (thrown instanceof GradusError && thrown.code === 'cancelled')) return
      failure.value = toErrorShape(thrown)
    } finally {
      if (!signal.aborted) refreshing.value = false
    }
  }

  /** Takes a change of the form; the preview is read again where the change can show in it. */
  function change(form: ImportForm): void {
    const current = step.value
    if (current.at !== 'preview') return
    const before = current.form
    step.value = { ...current, form }
    if (
      form.columns !== before.columns ||
      form.low !== before.low ||
      form.high !== before.high ||
      form.labels !== before.labels
    )
      void ask(questionOf(form))
  }

  /** Takes another layout; columns and range are guessed anew. */
  function changeLayout(layout: FileLayout): void {
    const current = step.value
    if (current.at !== 'preview') return
    step.value = { ...current, form: { ...current.form, layout } }
    void ask(questionOfLayout(layout))
  }

  async function start(): Promise<void> {
    const current = step.value
    if (current.at !== 'preview' || options.value === null) return
    starting.value = true
    failure.value = null
    try {
      const { jobId } = await call('imports.start', {
        fileToken: current.file.fileToken,
        options: options.value,
      })
      step.value = { at: 'job', jobId }
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    } finally {
      starting.value = false
    }
  }

  async function cancel(jobId: string): Promise<void> {
    try {
      await call('jobs.cancel', { jobId })
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    }
  }

  function restart(): void {
    taking += 1
    asking.abort()
    refreshing.value = false
    failure.value = null
    step.value = { at: 'choose' }
  }

  /** Shows an import that was started before, e.g. before the window was loaded anew. */
  function follow(jobId: string): void {
    step.value = { at: 'job', jobId }
  }

  watch(() => project.overview?.fileKey, restart)

  return {
    step,
    failure,
    refreshing,
    starting,
    problems,
    options,
    job,
    take,
    change,
    changeLayout,
    start,
    cancel,
    restart,
    follow,
  }
})
