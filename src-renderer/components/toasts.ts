import { readonly, shallowRef, type ShallowRef } from 'vue'

export interface Toast {
  readonly id: number
  readonly kind: 'info' | 'good' | 'warn' | 'error'
  readonly text: string
  readonly action: { readonly label: string; readonly run: () => void } | null
}

const shown = shallowRef<readonly Toast[]>([])
let lastId = 0

/** The toasts on screen, oldest first. */
export const toasts: Readonly<ShallowRef<readonly Toast[]>> = readonly(shown)

/** Takes a toast off the screen. */
export function dismissToast(id: number): void {
  shown.value = shown.value.filter((toast) => toast.id !== id)
}

/** Says in passing that something was done. What must be read or acted on is a Message in its view instead. */
export function showToast(text: string, kind: Toast['kind'] = 'good', action: Toast['action'] = null): void {
  const id = ++lastId
  shown.value = [...shown.value.slice(-2), { id, kind, text, action }]
  setTimeout(() => dismissToast(id), action === null && kind !== 'error' ? 5000 : 12_000)
}
