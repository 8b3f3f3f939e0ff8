/** The names under which preload and main speak; the frames of the contract travel over a port of their own. */
export const channels = {
  requestPort: 'gradus:request-port',
  port: 'gradus:port',
  backendGone: 'gradus:backend-gone',
  choose: 'gradus:choose',
} as const

/** Where the window's files are served inside Electron. */
export const scheme = 'gradus'
export const pageAddress = `${scheme}://app/`
