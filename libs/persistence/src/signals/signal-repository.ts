import type { Signal } from '@tripline/domain';

import type { Database } from '../database/database';
import type { Page, PageRequest } from '../database/page';

export interface SignalRecord {
  readonly signal: Signal;
  readonly recordedAt: number;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: bigint | null;
  readonly traceparent: string | null;
}

export interface DeadSignalRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
  readonly detail: string;
  readonly rawSha256: string;
  readonly rawPrefix: Buffer;
  readonly recordedAt: number;
}

export interface ProgressRecord {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly nextOffset: bigint;
  readonly records: number;
  readonly valid: number;
  readonly dead: number;
  readonly matched: number;
  readonly unmatched: number;
  readonly duplicates: number;
}

export interface SignalFilter extends PageRequest {
  readonly signalType?: string | undefined;
  readonly ticker?: string | undefined;
}

/** Market-wide data: not owned by a user. Dead signals are for administrators; the caller checks that. */
export interface SignalRepository {
  list(filter?: SignalFilter): Promise<Page<SignalRecord>>;
  find(signalId: string): Promise<SignalRecord | null>;
  listDead(page?: PageRequest): Promise<Page<DeadSignalRecord>>;
  loadProgress(): Promise<readonly ProgressRecord[]>;
}

export declare function createSignalRepository(database: Database): SignalRepository;
