/** What a key does in Annotate. */
export type Command =
  /** To a value, 0–1. */
  | { readonly kind: 'place'; readonly at: number }
  /** Along the track, whose length is 1. */
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: CommandName }

type CommandName =
  | 'commit'
  | 'undo'
  | 'redo'
  | 'cannot-judge'
  | 'skip'
  | 'range'
  | 'switch-end'
  | 'leave'
  | 'dispute'
  | 'note'
  | 'confidence'
  | 'shared-words'
  | 'guideline'
  | 'example'
  | 'keys'

/** One line of the keys dialog; `keys` is how it is printed, `chords` what it listens to. */
export interface KeyBinding {
  readonly group: 'Score' | 'Pair' | 'Help'
  readonly label: string
  readonly keys: string
  readonly chords: readonly (readonly [chord: string, command: Command])[]
}

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const

/**
 * The one table of Annotate's keys: remap here. A chord is `mod+` (Ctrl, or Cmd on a Mac) and `shift+`, each where needed,
 * then `code:` and the place of the key (for digits, which need Shift on some keyboards) or `key:` and the character it
 * types in lower case (for letters, which move from keyboard to keyboard).
 */
export const keyTable = {
  tenths: {
    group: 'Score',
    label: 'Jump to a tenth',
    keys: '0 – 9',
    chords: digits.flatMap((digit) =>
      [`code:Digit${digit}`, `code:Numpad${digit}`].map(
        (chord) => [chord, { kind: 'place', at: digit / 10 }] as const,
      ),
    ),
  },
  one: {
    group: 'Score',
    label: 'Jump to 1',
    keys: 'Shift 0',
    chords: [
      ['shift+code:Digit0', { kind: 'place', at: 1 }],
      ['shift+code:Numpad0', { kind: 'place', at: 1 }],
    ],
  },
  fine: {
    group: 'Score',
    label: 'Move by 0.01 of the line; from its middle while unset',
    keys: '← →',
    chords: [
      ['key:arrowleft', { kind: 'move', by: -0.01 }],
      ['key:arrowright', { kind: 'move', by: 0.01 }],
      ['key:arrowdown', { kind: 'move', by: -0.01 }],
      ['key:arrowup', { kind: 'move', by: 0.01 }],
    ],
  },
  coarse: {
    group: 'Score',
    label: 'Move by 0.1 of the line',
    keys: 'Shift ← →',
    chords: [
      ['shift+key:arrowleft', { kind: 'move', by: -0.1 }],
      ['shift+key:arrowright', { kind: 'move', by: 0.1 }],
      ['shift+key:arrowdown', { kind: 'move', by: -0.1 }],
      ['shift+key:arrowup', { kind: 'move', by: 0.1 }],
    ],
  },
  ends: {
    group: 'Score',
    label: 'Jump to 0, to 1',
    keys: 'Home End',
    chords: [
      ['key:home', { kind: 'place', at: 0 }],
      ['key:end', { kind: 'place', at: 1 }],
    ],
  },
  range: {
    group: 'Score',
    label: 'Answer with a range, or leave it',
    keys: 'R',
    chords: [['key:r', { kind: 'range' }]],
  },
  switchEnd: {
    group: 'Score',
    label: 'Switch between the ends of a range',
    keys: '[ ]',
    chords: [
      ['key:[', { kind: 'switch-end' }],
      ['key:]', { kind: 'switch-end' }],
    ],
  },
  commit: {
    group: 'Pair',
    label: 'Commit and next',
    keys: 'Enter',
    chords: [['key:enter', { kind: 'commit' }]],
  },
  cannotJudge: {
    group: 'Pair',
    label: "Can't judge",
    keys: 'N',
    chords: [['key:n', { kind: 'cannot-judge' }]],
  },
  skip: {
    group: 'Pair',
    label: 'Skip; the pair comes back later',
    keys: 'S',
    chords: [['key:s', { kind: 'skip' }]],
  },
  note: { group: 'Pair', label: 'Write a note', keys: 'M', chords: [['key:m', { kind: 'note' }]] },
  confidence: {
    group: 'Pair',
    label: 'Say how sure, where the project asks',
    keys: 'C',
    chords: [['key:c', { kind: 'confidence' }]],
  },
  dispute: {
    group: 'Pair',
    label: 'Dispute a score of the previous pair',
    keys: 'D',
    chords: [['key:d', { kind: 'dispute' }]],
  },
  undo: {
    group: 'Pair',
    label: 'Undo the last answer',
    keys: 'Ctrl Z',
    chords: [['mod+key:z', { kind: 'undo' }]],
  },
  redo: {
    group: 'Pair',
    label: 'Redo it',
    keys: 'Ctrl Shift Z',
    chords: [
      ['mod+shift+key:z', { kind: 'redo' }],
      ['mod+key:y', { kind: 'redo' }],
    ],
  },
  sharedWords: {
    group: 'Help',
    label: 'Mark the words both sides share',
    keys: 'W',
    chords: [['key:w', { kind: 'shared-words' }]],
  },
  guideline: {
    group: 'Help',
    label: 'Read the guideline',
    keys: 'L',
    chords: [['key:l', { kind: 'guideline' }]],
  },
  example: {
    group: 'Help',
    label: 'Show the worked examples, one after the other',
    keys: 'E',
    chords: [['key:e', { kind: 'example' }]],
  },
  leave: {
    group: 'Help',
    label: 'Leave a range; go back to Review',
    keys: 'Esc',
    chords: [['key:escape', { kind: 'leave' }]],
  },
  keys: { group: 'Help', label: 'Show the keys', keys: '?', chords: [['key:?', { kind: 'keys' }]] },
} as const satisfies Record<string, KeyBinding>

/** The table as lines of one type. */
export const keyBindings: readonly KeyBinding[] = Object.values(keyTable)

const commands = new Map<string, Command>(keyBindings.flatMap((binding) => binding.chords))

type Press = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'>

/** What a key press does; null where it does nothing here. A held key repeats movements only. */
export function commandOf(press: Press): Command | null {
  if (press.altKey) return null
  const mod = press.ctrlKey || press.metaKey ? 'mod+' : ''
  const shift = press.shiftKey ? 'shift+' : ''
  const key = press.key.toLowerCase()
  // With Num Lock off the number pad moves instead of typing digits.
  const movesByPad = press.code.startsWith('Numpad') && shift === '' && !/^\d$/.test(press.key)
  const command =
    (movesByPad ? undefined : commands.get(`${mod}${shift}code:${press.code}`)) ??
    commands.get(`${mod}${shift}key:${key}`) ??
    // Punctuation needs Shift on some keyboards and not on others.
    (/^[^\p{L}\d\s]$/u.test(key) ? commands.get(`${mod}key:${key}`) : undefined) ??
    null
  return press.repeat && command?.kind !== 'move' ? null : command
}

/** Keys as printed on the keyboard at hand: ⌘ in place of Ctrl on a Mac. */
export function printedKeys(keys: string, platform: string): string {
  return platform.startsWith('Mac') ? keys.replace('Ctrl', '⌘').replace('Shift', '⇧') : keys
}
