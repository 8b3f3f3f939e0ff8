import type Database from 'better-sqlite3'
import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import { createLabelReader, type ClassScore } from '#shared/domain/classes.ts'
import { newId } from '../newId.ts'
import { writing } from '../writing.ts'

/** How many present ratings carry a label; `scored`: those whose score is that of the class. */
const labelCount = z.object({ label: z.string(), ratings: z.number().int(), scored: z.number().int() })
type LabelCount = z.infer<typeof labelCount>

/** Goes through the labels that do not say what their class says now. */
export interface LabelFollower {
  /** Lets up to `limit` labels follow, in one transaction. Returns how many did; 0 once all have. */
  next(limit: number): number
}

export interface ClassLabelsRepository {
  /** The labels of present ratings, by name. */
  counts(): LabelCount[]
  /** Present ratings whose score comes from a label and is not that of the class, or whose class has another name. */
  countStale(classes: readonly ClassScore[]): number
  /** True from a change of the mapping until every label has followed it. */
  isRescoring(): boolean
  setRescoring(rescoring: boolean): void
  /** @throws GradusError `job-running` where an import is under way: its labels have the scores of before. */
  refuseDuringImport(): void
  /** Begins to let labels follow `classes`. */
  follow(classes: readonly ClassScore[]): LabelFollower
}

/** A label as it is written, and the class it names. */
interface Target extends Pick<ClassScore, 'name' | 'score'> {
  readonly label: string
}

/**
 * What labels and classes have to do with one another. Ratings are never changed: a label whose class has got another
 * score or name is superseded by a row that says so. Such a row has the source `import` and, unlike an imported one,
 * supersedes a row; it restates the first row of its chain, since the rater has said nothing new, and so undo and redo
 * pass over it. Labels of a class that was taken away stay as they are.
 */
export function createClassLabelsRepository(database: Database.Database): ClassLabelsRepository {
  const selectCounts = database.prepare(`
    SELECT label, COUNT(*) AS ratings, COUNT(label_scored) AS scored
    FROM current_rating WHERE label IS NOT NULL GROUP BY label ORDER BY label
  `)
  const selectLabels = database
    .prepare<[], string>('SELECT DISTINCT label FROM rating WHERE label IS NOT NULL')
    .pluck()
  const stale = 'label = @label AND label_scored = 1 AND (score <> @score OR label <> @name)'
  const countStale = database
    .prepare<Target, number>(`SELECT COUNT(*) FROM current_rating WHERE ${stale}`)
    .pluck()
  const selectStale = database
    .prepare<Target & { after: string; limit: number }, string>(
      `SELECT id FROM current_rating WHERE ${stale} AND id > @after ORDER BY id LIMIT @limit`,
    )
    .pluck()
  const insertFollowing = database.prepare<Record<string, string | number>>(`
    INSERT INTO rating (id, pair_id, rater_id, kind, score, label, label_scored, note, scale_kind, guideline_version,
      pass_number, source, supersedes, restates, pair_version, created_at)
    SELECT @id, pair_id, rater_id, kind, @score, @name, 1, note, scale_kind, guideline_version,
      pass_number, 'import', id, COALESCE(restates, id), pair_version, @createdAt
    FROM rating WHERE id = @supersedes
  `)
  const selectRescoring = database.prepare<[], number>('SELECT rescoring FROM project').pluck()
  const updateRescoring = database.prepare<[number]>('UPDATE project SET rescoring = ?')
  const selectUnfinished = database.prepare('SELECT 1 FROM import WHERE finished_at IS NULL LIMIT 1')

  const targetsOf = (classes: readonly ClassScore[]): Target[] => {
    const read = createLabelReader(classes)
    return selectLabels.all().flatMap((label) => {
      const reading = read(label)
      return reading.kind === 'class' ? [{ label, name: reading.found.name, score: reading.found.score }] : []
    })
  }

  return {
    counts: () => selectCounts.all().map((raw) => labelCount.parse(raw)),
    countStale: (classes) =>
      targetsOf(classes).reduce((sum, target) => sum + (countStale.get(target) ?? 0), 0),
    isRescoring: () => selectRescoring.get() === 1,
    setRescoring: (rescoring) => void updateRescoring.run(rescoring ? 1 : 0),
    refuseDuringImport() {
      if (selectUnfinished.get() !== undefined)
        throw new GradusError(
          'job-running',
          'An import into this project is running: wait for its end, then change the classes.',
        )
    },
    follow(classes) {
      const targets = targetsOf(classes)
      let at = 0
      let after = ''
      return {
        next: writing(database, (limit: number): number => {
          const createdAt = new Date().toISOString()
          let followed = 0
          for (let target = targets[at]; target !== undefined && followed < limit; target = targets[at]) {
            const ids = selectStale.all({ ...target, after, limit: limit - followed })
            for (const id of ids)
              insertFollowing.run({
                id: newId(),
                name: target.name,
                score: target.score,
                supersedes: id,
                createdAt,
              })
            followed += ids.length
            after = ids.at(-1) ?? after
            if (followed < limit) {
              at += 1
              after = ''
            }
          }
          return followed
        }),
      }
    },
  }
}
