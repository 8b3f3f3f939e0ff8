import { spawn } from 'node:child_process'

/** True where a window could be shown: on Linux only where a display server is named. */
export function hasDisplay(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = environment
  return platform === 'darwin' || platform === 'win32' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY)
}

/** Asks the system to show an address in the ordinary browser; where it cannot, the printed address remains. */
export function openBrowser(address: string): void {
  const [command, before] =
    process.platform === 'darwin'
      ? ['open', []]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler']]
        : ['xdg-open', []]
  const opener = spawn(command, [...before, address], { stdio: 'ignore', detached: true })
  opener.on('error', () => opener.unref())
  opener.unref()
}
