import { inject, useId, type ComputedRef, type InjectionKey } from 'vue'

/** What a Field tells the control inside it. */
export interface FieldContext {
  readonly id: string
  readonly describedBy: ComputedRef<string | undefined>
  readonly invalid: ComputedRef<boolean>
}
export const fieldKey: InjectionKey<FieldContext | null> = Symbol('field')

/** The id, description and validity that a control takes from the Field around it; an own id where there is none. */
export function useField(): { id: string; field: FieldContext | null } {
  const field = inject(fieldKey, null)
  const own = useId()
  return { id: field?.id ?? own, field }
}
