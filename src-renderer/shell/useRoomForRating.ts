import { computed, onScopeDispose, watch } from 'vue'
import { call } from '../client.ts'
import { onActivity, watchActivity } from '../activity.ts'
import { useProjectStore } from '../stores/project.ts'

/** While a training runs that was started by itself, tells the backend of whoever types or drags: it waits for them. */
export function useRoomForRating(): void {
  const project = useProjectStore()
  const isRunning = computed(() =>
    project.runningJobs.some(({ detail }) => detail.kind === 'train' && detail.automatic),
  )
  let stop = (): void => undefined
  // What is not told is only not waited for; a lost connection is told by the frame of the window.
  const tell = (): void => void call('jobs.personActive', {}).catch(() => undefined)
  watch(
    isRunning,
    (running) => {
      stop()
      stop = running ? onActivity(tell) : () => undefined
    },
    { immediate: true },
  )
  const unwatch = watchActivity()
  onScopeDispose(() => {
    stop()
    unwatch()
  })
}
