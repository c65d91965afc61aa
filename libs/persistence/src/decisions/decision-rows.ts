import type { DecidedTrigger, Signal, SignalDirection } from '@tripline/domain';

import type { CreatedExecution, DeadRecord, DecisionChunk, LedgerEntry } from './decision-records';

const MAX_DETAIL_LENGTH = 500;
const MAX_PREFIX_BYTES = 256;
const MAX_STORED_MS = Date.UTC(9999, 11, 31);

/** Where a trigger stood in the log. */
export interface LogPlace {
  readonly topic: string;
  readonly part: number;
  readonly off: string;
}

/** A decided pair with what only its source knows. */
export interface LedgerLine {
  readonly entry: LedgerEntry;
  readonly place: LogPlace | null;
  readonly traceparent: string | null;
}

export interface LedgerContext {
  readonly userId: string;
  readonly signalType: string | null;
  readonly direction: SignalDirection | null;
  readonly decidedAt: number;
}

export function ledgerEntryOf(decided: DecidedTrigger, context: LedgerContext): LedgerEntry {
  const { pipeline, trigger, decision } = decided;
  return {
    pipelineId: pipeline.id,
    userId: context.userId,
    pipelineVersion: pipeline.version,
    signalId: trigger.triggerId,
    signalType: context.signalType,
    triggerMode: trigger.mode,
    ticker: trigger.ticker,
    direction: context.direction,
    confidence: trigger.confidence,
    outcome: decision.outcome,
    reason: decision.reason,
    detail: decision.detail,
    executionId: decided.executionId,
    occurredAt: trigger.occurredAt,
    decidedAt: context.decidedAt,
  };
}

/** A row of $3 of WRITE_DECISIONS. */
export function ledgerRow({ entry, place, traceparent }: LedgerLine, ord: number): object {
  return {
    ord,
    pipeline_id: entry.pipelineId,
    signal_id: entry.signalId,
    user_id: entry.userId,
    pipeline_version: entry.pipelineVersion,
    trigger_mode: entry.triggerMode,
    signal_type: entry.signalType,
    ticker: entry.ticker,
    direction: entry.direction,
    confidence: entry.confidence,
    outcome: entry.outcome,
    reason: entry.reason,
    detail: entry.detail,
    execution_id: entry.executionId,
    ...place,
    occurred_at: iso(entry.occurredAt),
    decided_at: iso(entry.decidedAt),
    traceparent,
  };
}

/** A row of $2 of WRITE_DECISIONS. */
export function signalRow(signal: Signal, place: LogPlace, appendedAtMs: number, traceparent: string | null): object {
  return {
    id: signal.signalId,
    signal_type: signal.signalType,
    source: signal.source,
    occurred_at: iso(signal.occurredAt),
    tickers: signal.tickers,
    metadata: signal.metadata,
    schema_version: signal.schemaVersion,
    ...place,
    appended_at: isStorable(appendedAtMs) ? iso(appendedAtMs) : null,
    traceparent,
  };
}

/** A row of $4 of WRITE_DECISIONS. */
export function deadRow(chunk: DecisionChunk, dead: DeadRecord): object {
  return {
    topic: chunk.topic,
    part: chunk.partition,
    epoch: chunk.epoch ?? 0,
    off: dead.offset.toString(),
    reason: dead.reason,
    detail: (dead.detail ?? '').slice(0, MAX_DETAIL_LENGTH),
    raw_sha256: dead.rawSha256,
    raw_prefix: dead.rawPrefix.subarray(0, MAX_PREFIX_BYTES).toString('base64'),
    traceparent: dead.traceparent ?? null,
  };
}

export function createdOf(lines: readonly LedgerLine[]): readonly CreatedExecution[] {
  return lines.flatMap(({ entry, traceparent }) =>
    entry.executionId === null
      ? []
      : [
          {
            executionId: entry.executionId,
            generation: 1,
            pipelineId: entry.pipelineId,
            userId: entry.userId,
            traceparent,
          },
        ],
  );
}

/** JSON for a json parameter. Postgres' jsonb cannot hold U+0000, which JSON text may: it is replaced. */
export function jsonParameter(rows: readonly object[]): string {
  return JSON.stringify(rows).replaceAll('\\u0000', '\\ufffd');
}

/** A topic that keeps the producers' own times may hold any 64-bit number; such a record must not stop the partition. */
function isStorable(epochMs: number): boolean {
  return epochMs >= 0 && epochMs <= MAX_STORED_MS;
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
