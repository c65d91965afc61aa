import type { ExecutionStatus } from '@tripline/domain';

import type { Database } from '../database/database';
import type { Page, PageRequest, Viewer } from '../database/page';
import type { FillRecord, OrderRecord } from '../orders/order-records';
import type { ExecutionRecord, IntentRecord, StepRecord } from './execution-records';

export interface ExecutionFilter extends PageRequest {
  readonly pipelineId?: string | undefined;
  readonly statuses?: readonly ExecutionStatus[] | undefined;
  /** Created at or after, epoch ms. */
  readonly from?: number | undefined;
  /** Created before, epoch ms. */
  readonly to?: number | undefined;
}

export interface ExecutionDetail extends ExecutionRecord {
  readonly steps: readonly StepRecord[];
  readonly intents: readonly IntentRecord[];
  readonly orders: readonly OrderRecord[];
  readonly fills: readonly FillRecord[];
}

export interface ExecutionRepository {
  list(viewer: Viewer, filter?: ExecutionFilter): Promise<Page<ExecutionRecord>>;
  find(viewer: Viewer, executionId: string): Promise<ExecutionDetail | null>;
}

export declare function createExecutionRepository(database: Database): ExecutionRepository;
