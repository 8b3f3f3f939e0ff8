/** Line drawings on a field of 16 × 16. */
export const iconPaths = {
  check: 'M3 8.5 6.5 12 13 4.5',
  'chevron-down': 'm4 6 4 4 4-4',
  'chevron-right': 'm6 4 4 4-4 4',
  'chevron-left': 'm10 4-4 4 4 4',
  close: 'm4 4 8 8m0-8-8 8',
  plus: 'M8 3v10M3 8h10',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2L13.5 13.5',
  download: 'M8 2.5v8m0 0L5 7.7m3 2.8 3-2.8M3 13.5h10',
  folder: 'M2 4.5v8h12v-7H8L6.5 3.5H2Z',
  file: 'M4 2.5h5L12 6v7.5H4Zm5 0V6h3',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.6M13 2.5v3h-3',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-6.5v3.5M8 5.2v.01',
  warn: 'M8 2.5 14.5 13.5h-13ZM8 6.8v3M8 11.6v.01',
  error: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-9v3.5M8 10.8v.01',
  'sort-up': 'M8 12.5v-9m0 0L4.8 6.7M8 3.5l3.2 3.2',
  'sort-down': 'M8 3.5v9m0 0 3.2-3.2M8 12.5 4.8 9.3',
  pin: 'M5.5 2.5h5l-.6 4.3 2.1 2.7h-8l2.1-2.7ZM8 9.5v4',
  person: 'M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8Zm-5 5.5c.6-2.3 2.6-3.5 5-3.5s4.400 1.200 5 3.500',
} as const
export type IconName = keyof typeof iconPaths
