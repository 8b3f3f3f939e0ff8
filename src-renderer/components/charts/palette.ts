import { onScopeDispose, readonly, shallowRef, type ShallowRef } from 'vue'

/** The design system's colours and font as a canvas needs them: resolved. */
export interface Palette {
  readonly ink: string
  readonly ink2: string
  readonly ink3: string
  readonly line: string
  readonly line2: string
  readonly raised: string
  readonly accent: string
  readonly good: string
  readonly warn: string
  readonly font: string
}

const tokens = {
  ink: '--ink',
  ink2: '--ink-2',
  ink3: '--ink-3',
  line: '--line',
  line2: '--line-2',
  raised: '--raised',
  accent: '--accent',
  good: '--good',
  warn: '--warn',
} as const

/** Reads the palette as it is now. */
function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(name).trim() || 'gray'
  return {
    ink: token(tokens.ink),
    ink2: token(tokens.ink2),
    ink3: token(tokens.ink3),
    line: token(tokens.line),
    line2: token(tokens.line2),
    raised: token(tokens.raised),
    accent: token(tokens.accent),
    good: token(tokens.good),
    warn: token(tokens.warn),
    font: style.getPropertyValue('--font').trim() || 'sans-serif',
  }
}

/** The palette, read anew when the system changes its theme. Ends with its scope. */
export function usePalette(): Readonly<ShallowRef<Palette>> {
  const palette = shallowRef(readPalette())
  const update = (): void => void (palette.value = readPalette())
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', update)
  onScopeDispose(() => dark.removeEventListener('change', update))
  return readonly(palette)
}
