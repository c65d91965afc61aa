import type { DecisionOutcome } from '@tripline/domain';

import type { Database } from '../database/database';
import type { Page, PageRequest, Viewer } from '../database/page';
import type { LedgerEntry } from './decision-records';

export interface DecisionFilter extends PageRequest {
  readonly pipelineId?: string | undefined;
  readonly signalId?: string | undefined;
  readonly outcomes?: readonly DecisionOutcome[] | undefined;
  /** Decided at or after, epoch ms. */
  readonly from?: number | undefined;
  /** Decided before, epoch ms. */
  readonly to?: number | undefined;
}

export interface DecisionRepository {
  /** Why pipelines did or did not fire, newest decision first. */
  list(viewer: Viewer, filter?: DecisionFilter): Promise<Page<LedgerEntry>>;
  /** How often each outcome occurred. */
  countByOutcome(
    viewer: Viewer,
    filter?: Omit<DecisionFilter, keyof PageRequest>,
  ): Promise<Readonly<Partial<Record<DecisionOutcome, number>>>>;
}

export declare function createDecisionRepository(database: Database): DecisionRepository;
