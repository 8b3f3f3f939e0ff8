import type { Session } from 'electron'
import { contentSecurityPolicy, protectiveHeaders } from '../contentSecurityPolicy.ts'
import type { RendererFiles } from '../rendererFiles.ts'
import { pageAddress, scheme } from './channels.ts'

/**
 * Prepares the session that windows live in: it serves the window's files under our own scheme with the
 * Content-Security-Policy, loads nothing from anywhere else, grants no permission and downloads nothing.
 * @param allowDeveloperTools lets Chromium's own tools load their files.
 */
export function prepareSession(
  session: Session,
  files: RendererFiles,
  { allowDeveloperTools }: { allowDeveloperTools: boolean },
): void {
  session.protocol.handle(scheme, ({ url, method }) => {
    const file =
      method === 'GET' && url.startsWith(pageAddress) ? files.get(new URL(url).pathname) : undefined
    if (file === undefined) return new Response('There is nothing here.', { status: 404 })
    return new Response(file.bytes, {
      headers: {
        ...protectiveHeaders,
        'Content-Type': file.type,
        'Content-Security-Policy': contentSecurityPolicy([]),
        'Cache-Control': 'no-store',
      },
    })
  })
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    // Data addresses lead nowhere; the Content-Security-Policy says where they may stand.
    const own = url.startsWith(pageAddress) || url.startsWith('data:')
    const known = own || (allowDeveloperTools && url.startsWith('devtools://'))
    answer({ cancel: !known })
  })
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event) => event.preventDefault())
}
