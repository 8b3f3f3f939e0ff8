import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const places = [
  process.env['GRADUS_CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  chromium.executablePath(),
]

/** The browser that the tests drive, or null where this machine has none. */
export const chromiumPath = places.find((place) => place !== '' && existsSync(place)) ?? null

/** Why a test that needs the browser is skipped. */
export const noChromium = 'no Chromium on this machine: install it, or name it in GRADUS_CHROMIUM'
