import type { MatchIndex, NearMiss } from '@tripline/matching';
import type { SignalHead } from '@tripline/triggers';
import { NEAR_MISSES_PER_PIPELINE, type NearMissRecord, type NearMissStore } from '@tripline/decision-store';

import { createSlices } from '../pipelines/slices';

export interface NearMissCollectorOptions {
  readonly currentIndex: () => Pick<MatchIndex, 'nearMisses'>;
  readonly store: NearMissStore;
  /** Most signals searched per second; 0 turns the search off. */
  readonly searchesPerSecond: number;
  readonly monotonicMs: () => number;
  /** Yields to everything else that waits for the event loop. */
  readonly yieldToLoop: () => Promise<void>;
  readonly onSearched: (counts: { readonly searched: number; readonly skipped: number }) => void;
  readonly onWritten: (counts: { readonly recorded: number; readonly dropped: number }) => void;
  readonly onFailed: (error: unknown) => void;
}

export interface NearMissCollector {
  readonly name: string;
  start(): Promise<void>;
  /** Searches and writes the remaining signals once. */
  stop(): Promise<void>;
  /** Queues a matched signal for a near-miss search when this second's limit allows it. Cheap enough for every signal. */
  offer(signal: SignalHead): void;
}

const INTERVAL_MS = 1_000;
/** Near misses kept per signal, the nearest first. */
const PER_SIGNAL = 10;
/** Rows written per second; limited because decisions and executions need PostgreSQL more. */
const MAX_BUFFERED = 2_000;
const ROWS_PER_STATEMENT = 500;

/**
 * Records which signals nearly matched, to explain why a pipeline did not start. Best effort, and bounded in every way: searches
 * per second, near misses per signal, memory, statements per second. Anything beyond a limit is only counted.
 */
export function createNearMissCollector(options: NearMissCollectorOptions): NearMissCollector {
  const { searchesPerSecond, store } = options;
  const buffer = createBuffer();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let offered: SignalHead[] = [];
  let skipped = 0;

  const search = async (): Promise<void> => {
    const [signals, leftOut] = [offered, skipped];
    [offered, skipped] = [[], 0];
    const slices = createSlices(options.monotonicMs, options.yieldToLoop);
    for (const signal of signals) {
      const misses = options.currentIndex().nearMisses(signal, PER_SIGNAL);
      for (const miss of misses) buffer.add(nearMissRecordOf(signal, miss));
      await slices.next();
    }
    options.onSearched({ searched: signals.length, skipped: leftOut });
  };

  const write = async (): Promise<void> => {
    for (let rows = buffer.take(ROWS_PER_STATEMENT); rows.length > 0; rows = buffer.take(ROWS_PER_STATEMENT)) {
      try {
        options.onWritten({ recorded: await store.record(rows), dropped: buffer.takeDropped() });
      } catch (error) {
        // Not retried: near misses are best effort and must not add load during an outage.
        options.onWritten({ recorded: 0, dropped: rows.length + buffer.takeDropped() });
        options.onFailed(error);
      }
    }
  };

  const work = async (): Promise<void> => {
    await (working ??= search()
      .then(write)
      .catch(options.onFailed)
      .finally(() => (working = undefined)));
  };

  return {
    name: 'near-misses',
    start() {
      timer = setInterval(() => void work(), INTERVAL_MS);
      timer.unref();
      return Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      await working;
      await work();
    },
    offer(signal) {
      if (offered.length < searchesPerSecond) offered.push(signal);
      else skipped += 1;
    },
  };
}

/** Near misses waiting to be written: the newest of each pipeline. */
function createBuffer() {
  let rows = new Map<string, NearMissRecord[]>();
  let size = 0;
  let dropped = 0;
  return {
    add(record: NearMissRecord): void {
      const list = rows.get(record.pipelineId) ?? [];
      if (size >= MAX_BUFFERED) {
        dropped += 1;
        return;
      }
      if (list.length === 0) rows.set(record.pipelineId, list);
      list.push(record);
      size += 1;
      if (list.length <= NEAR_MISSES_PER_PIPELINE) return;
      list.shift();
      size -= 1;
      dropped += 1;
    },
    /** Takes about this many, always all of a pipeline. */
    take(count: number): NearMissRecord[] {
      const taken: NearMissRecord[] = [];
      for (const [pipelineId, list] of rows) {
        if (taken.length >= count) break;
        taken.push(...list);
        rows.delete(pipelineId);
      }
      size -= taken.length;
      if (size === 0) rows = new Map();
      return taken;
    },
    takeDropped(): number {
      const counted = dropped;
      dropped = 0;
      return counted;
    },
  };
}

function nearMissRecordOf(signal: SignalHead, miss: NearMiss): NearMissRecord {
  const { pipeline, subscription } = miss;
  return {
    pipelineId: pipeline.id,
    signalId: signal.signalId,
    signalType: signal.signalType,
    ticker: miss.ticker,
    reason: miss.reason,
    detail: {
      pipeline_version: pipeline.version,
      direction: miss.direction,
      confidence: miss.confidence,
      source: signal.source,
      wanted_type: subscription.signalType ?? null,
      wanted_direction: subscription.direction ?? null,
      wanted_source: subscription.source ?? null,
      min_confidence: subscription.minConfidence,
      short_by: miss.shortBy,
    },
    occurredAt: signal.occurredAt,
  };
}
