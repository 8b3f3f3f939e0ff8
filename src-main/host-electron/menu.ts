import { Menu, type MenuItemConstructorOptions } from 'electron'

/**
 * The standard menu. There is no reload: it would throw away what stands in the window. Undo and redo keep their keys
 * for the page, except on macOS, where text fields get them from the menu alone.
 */
export function setMenu({ developerTools }: { developerTools: boolean }): void {
  const mac = process.platform === 'darwin'
  const undo: MenuItemConstructorOptions[] = [
    { role: 'undo', registerAccelerator: mac },
    { role: 'redo', registerAccelerator: mac },
  ]
  const template: MenuItemConstructorOptions[] = [
    ...(mac ? [{ role: 'appMenu' } as const] : [{ label: 'File', submenu: [{ role: 'quit' } as const] }]),
    {
      label: 'Edit',
      submenu: [
        ...undo,
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(developerTools ? [{ role: 'toggleDevTools' } as const] : []),
      ],
    },
    { role: 'windowMenu' },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
