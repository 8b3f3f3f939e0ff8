import type { ProjectOverview } from '#shared/contract/project.ts'
import type { Backend } from './backend.ts'

/**
 * Opens what a start should show: the project that was named, else the last one, else (at the very first start) the
 * sample project. None where the last one is missing: the window offers the others.
 * @param path of the named project.
 * @throws GradusError where it cannot be opened; then none is open.
 */
export async function openAtStart(
  { handlers, context }: Pick<Backend, 'handlers' | 'context'>,
  path: string | undefined,
): Promise<ProjectOverview | null> {
  const call = { signal: new AbortController().signal }
  if (path !== undefined)
    return await handlers['project.open']({ by: 'file', fileToken: context.files.allow(path) }, call)
  const [last] = await handlers['project.recent']({}, call)
  if (last === undefined) return await handlers['project.open']({ by: 'sample' }, call)
  return last.missing ? null : await handlers['project.open']({ by: 'recent', recentId: last.recentId }, call)
}
