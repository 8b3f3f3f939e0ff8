import { describe, expect, it } from 'vitest'
import { commandOf, keyBindings, printedKeys } from './keys.ts'

const press = (
  key: string,
  code: string,
  held: Partial<Record<'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat', boolean>> = {},
): ReturnType<typeof commandOf> =>
  commandOf({
    key,
    code,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    repeat: false,
    ...held,
  })

describe('digits', () => {
  it('set tenths, on the number pad as well', () => {
    const expected = Array.from({ length: 10 }, (_, digit) => ({ kind: 'place', at: digit / 10 }))
    for (const place of ['Digit', 'Numpad'])
      expect(expected.map((_, digit) => press(String(digit), `${place}${digit}`))).toEqual(expected)
  })
  it('set 1 with Shift and the place of the zero, whatever it types there', () => {
    expect([')', '=', 'à', '0'].map((key) => press(key, 'Digit0', { shiftKey: true }))).toEqual(
      Array.from({ length: 4 }, () => ({ kind: 'place', at: 1 })),
    )
  })
  it('work where the digits need Shift on the keyboard', () => {
    expect(press('"', 'Digit3')).toEqual({ kind: 'place', at: 0.3 })
  })
  it('are movements on the number pad without Num Lock', () => {
    expect([press('Home', 'Numpad7'), press('ArrowLeft', 'Numpad4'), press('Clear', 'Numpad5')]).toEqual([
      { kind: 'place', at: 0 },
      { kind: 'move', by: -0.01 },
      null,
    ])
  })
})

it('moves by arrows, in large steps with Shift, and to the ends', () => {
  expect([
    press('ArrowLeft', 'ArrowLeft'),
    press('ArrowRight', 'ArrowRight'),
    press('ArrowLeft', 'ArrowLeft', { shiftKey: true }),
    press('ArrowRight', 'ArrowRight', { shiftKey: true }),
    press('Home', 'Home'),
    press('End', 'End'),
  ]).toEqual([
    { kind: 'move', by: -0.01 },
    { kind: 'move', by: 0.01 },
    { kind: 'move', by: -0.1 },
    { kind: 'move', by: 0.1 },
    { kind: 'place', at: 0 },
    { kind: 'place', at: 1 },
  ])
})

it('takes letters by what they type, with Caps Lock too', () => {
  expect([press('z', 'KeyY', { ctrlKey: true }), press('N', 'KeyN'), press('m', 'Semicolon')]).toEqual([
    { kind: 'undo' },
    { kind: 'cannot-judge' },
    { kind: 'note' },
  ])
})

it('knows every way to redo', () => {
  expect([
    press('Z', 'KeyZ', { ctrlKey: true, shiftKey: true }),
    press('y', 'KeyY', { ctrlKey: true }),
    press('Z', 'KeyZ', { metaKey: true, shiftKey: true }),
  ]).toEqual([{ kind: 'redo' }, { kind: 'redo' }, { kind: 'redo' }])
})

it('knows the question mark and the brackets on any keyboard', () => {
  expect([press('?', 'Slash', { shiftKey: true }), press('?', 'KeyQ'), press('[', 'BracketLeft')]).toEqual([
    { kind: 'keys' },
    { kind: 'keys' },
    { kind: 'switch-end' },
  ])
})

it('repeats movements while a key is held, and nothing else', () => {
  const held = { repeat: true }
  expect([
    press('Enter', 'Enter', held),
    press('s', 'KeyS', held),
    press('z', 'KeyZ', { ctrlKey: true, ...held }),
    press('ArrowRight', 'ArrowRight', held),
  ]).toEqual([null, null, null, { kind: 'move', by: 0.01 }])
})

it('leaves the keys of the program and of the system alone', () => {
  expect([
    press('1', 'Digit1', { altKey: true }),
    press('r', 'KeyR', { ctrlKey: true }),
    press('0', 'Digit0', { ctrlKey: true }),
    press('Tab', 'Tab'),
    press('g', 'KeyG'),
  ]).toEqual([null, null, null, null, null])
})

it('gives no chord two meanings', () => {
  const chords = keyBindings.flatMap((binding) => binding.chords.map(([chord]) => chord))
  expect(chords.filter((chord, index) => chords.indexOf(chord) !== index)).toEqual([])
})

it('prints the keys of the keyboard at hand', () => {
  expect([printedKeys('Ctrl Shift Z', 'MacIntel'), printedKeys('Ctrl Z', 'Linux x86_64')]).toEqual([
    '⌘ ⇧ Z',
    'Ctrl Z',
  ])
})
