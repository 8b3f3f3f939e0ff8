import type Database from 'better-sqlite3'
import { makeIdsAfterThoseOf } from './idOrder.ts'
import { createIdleCheckpoint } from './idleCheckpoint.ts'
import { openDatabase } from './openDatabase.ts'
import { reportSlowStatements } from './slowStatements.ts'
import { createAgreementRepository, type AgreementRepository } from './repositories/agreement.ts'
import { createAnnotationRepository, type AnnotationRepository } from './repositories/annotation.ts'
import { createAssignmentsRepository, type AssignmentsRepository } from './repositories/assignments.ts'
import { createClassLabelsRepository, type ClassLabelsRepository } from './repositories/classLabels.ts'
import { createConsensusRepository, type ConsensusRepository } from './repositories/consensus.ts'
import { createDecisionsRepository, type DecisionsRepository } from './repositories/decisions.ts'
import { createDisagreementsRepository, type DisagreementsRepository } from './repositories/disagreements.ts'
import { createDisputesRepository, type DisputesRepository } from './repositories/disputes.ts'
import { createGoldRepository, type GoldRepository } from './repositories/gold.ts'
import { createGuidelinesRepository, type GuidelinesRepository } from './repositories/guidelines.ts'
import { createEvidenceRepository, type EvidenceRepository } from './repositories/evidence.ts'
import { createExportRowsRepository, type ExportRowsRepository } from './repositories/exportRows.ts'
import {
  createImportsRepository,
  removeUnfinishedImports,
  type ImportsRepository,
} from './repositories/imports.ts'
import { createJudgedPairsRepository, type JudgedPairsRepository } from './repositories/judgedPairs.ts'
import { createLabelsRepository, type LabelsRepository } from './repositories/labels.ts'
import { createPairsRepository, type PairsRepository } from './repositories/pairs.ts'
import { createPredictionsRepository, type PredictionsRepository } from './repositories/predictions.ts'
import { createProjectRepository, type ProjectRepository } from './repositories/project.ts'
import { createRatedPairsRepository, type RatedPairsRepository } from './repositories/ratedPairs.ts'
import { createQueueChangesRepository, type QueueChangesRepository } from './repositories/queueChanges.ts'
import { createRatersRepository, type RatersRepository } from './repositories/raters.ts'
import { createRatingsRepository, type RatingsRepository } from './repositories/ratings.ts'
import { createReplaysRepository, type ReplaysRepository } from './repositories/replays.ts'
import { createReviewListsRepository, type ReviewListsRepository } from './repositories/reviewLists.ts'
import { createReviewQueueRepository, type ReviewQueueRepository } from './repositories/reviewQueue.ts'
import { createRunsRepository, type RunsRepository } from './repositories/runs.ts'
import { createSavedFiltersRepository, type SavedFiltersRepository } from './repositories/savedFilters.ts'
import { createSearchesRepository, type SearchesRepository } from './repositories/searches.ts'
import { createSuggestionsRepository, type SuggestionsRepository } from './repositories/suggestions.ts'
import { createTallyRepository, type TallyRepository } from './repositories/tally.ts'
import { createWorkFilesRepository, type WorkFilesRepository } from './repositories/workFiles.ts'

/** One open project file: its repositories, each a set of prepared statements over one table or question. */
export interface ProjectStore {
  readonly path: string
  /** For a repository's use, and for a transaction that spans several. */
  readonly database: Database.Database
  /** No other process had the project open when this one did. */
  readonly alone: boolean
  readonly project: ProjectRepository
  readonly guidelines: GuidelinesRepository
  readonly raters: RatersRepository
  readonly consensus: ConsensusRepository
  readonly pairs: PairsRepository
  readonly ratings: RatingsRepository
  readonly agreement: AgreementRepository
  readonly annotation: AnnotationRepository
  readonly disputes: DisputesRepository
  readonly disagreements: DisagreementsRepository
  readonly decisions: DecisionsRepository
  readonly gold: GoldRepository
  readonly assignments: AssignmentsRepository
  readonly workFiles: WorkFilesRepository
  readonly reviewQueue: ReviewQueueRepository
  readonly reviewLists: ReviewListsRepository
  readonly savedFilters: SavedFiltersRepository
  readonly queueChanges: QueueChangesRepository
  readonly tally: TallyRepository
  readonly imports: ImportsRepository
  readonly exportRows: ExportRowsRepository
  readonly labels: LabelsRepository
  readonly classLabels: ClassLabelsRepository
  readonly runs: RunsRepository
  readonly predictions: PredictionsRepository
  readonly searches: SearchesRepository
  readonly replays: ReplaysRepository
  readonly evidence: EvidenceRepository
  readonly judgedPairs: JudgedPairsRepository
  readonly ratedPairs: RatedPairsRepository
  readonly suggestions: SuggestionsRepository
  /** To be called after a small write, so that the log is merged into the file in the next pause. */
  wrote(): void
  close(): void
}

/**
 * Opens a project, or makes the file where `create` is set.
 * @param options.onSlowStatement is told of every statement that takes longer than 100 ms.
 */
export function openProjectStore(
  path: string,
  options: { create: boolean; onSlowStatement?: ((message: string) => void) | undefined },
): ProjectStore {
  const { database, alone } = openDatabase(path, { create: options.create })
  if (options.onSlowStatement !== undefined) reportSlowStatements(database, options.onSlowStatement)
  makeIdsAfterThoseOf(database)
  const leftImports = alone ? removeUnfinishedImports(database) : []
  const ratings = createRatingsRepository(database)
  const consensus = createConsensusRepository(database)
  return {
    path,
    database,
    alone,
    project: createProjectRepository(database),
    guidelines: createGuidelinesRepository(database),
    raters: createRatersRepository(database),
    consensus,
    pairs: createPairsRepository(database, consensus),
    ratings,
    agreement: createAgreementRepository(database),
    annotation: createAnnotationRepository(database, ratings),
    disputes: createDisputesRepository(database),
    disagreements: createDisagreementsRepository(database, consensus),
    decisions: createDecisionsRepository(database),
    gold: createGoldRepository(database),
    assignments: createAssignmentsRepository(database),
    workFiles: createWorkFilesRepository(database),
    reviewQueue: createReviewQueueRepository(database),
    reviewLists: createReviewListsRepository(database),
    savedFilters: createSavedFiltersRepository(database),
    queueChanges: createQueueChangesRepository(database),
    tally: createTallyRepository(database),
    imports: createImportsRepository(database, leftImports),
    exportRows: createExportRowsRepository(database),
    labels: createLabelsRepository(database, consensus),
    classLabels: createClassLabelsRepository(database),
    runs: createRunsRepository(database),
    predictions: createPredictionsRepository(database),
    searches: createSearchesRepository(database),
    replays: createReplaysRepository(database),
    evidence: createEvidenceRepository(database),
    judgedPairs: createJudgedPairsRepository(database, consensus),
    ratedPairs: createRatedPairsRepository(database, consensus),
    suggestions: createSuggestionsRepository(database),
    wrote: createIdleCheckpoint(database),
    close: () => void database.close(),
  }
}
