import { TimeoutError, withTimeout } from '@tripline/runtime';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { decodeSignalRecord, TriplineError } from '@tripline/contracts';
import type { RecordedSignal } from '@tripline/decisions';
import type { Signal } from '@tripline/triggers';
import { type IncomingChunk, kafkaErrorKind, type PartitionOffsets, type TopicAdmin } from '@tripline/messaging';
import type { LogRange } from '@tripline/decision-store';

/** Limits on one read of the log. */
export interface SignalLogLimits {
  readonly maxRecords: number;
  /** Longest read, ms. */
  readonly maxMs: number;
  /** Maximum number of signals kept in memory. */
  readonly maxMatches: number;
}

export interface SignalLogOptions {
  readonly admin: Pick<TopicAdmin, 'offsets' | 'offsetsAt' | 'readRange'>;
  readonly topic: string;
  readonly limits: SignalLogLimits;
}

/** Append times, epoch ms. */
export interface LogSpan {
  /** Where reading starts: before `from`, to provide the history that decisions depend on. */
  readonly warmUpFrom: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** The signals of a time range of the log. */
export interface LogSlice {
  /** The matching signals, ordered by append time. */
  readonly records: readonly RecordedSignal[];
  /** Number of records read, including those that did not match. */
  readonly read: number;
  /** Offsets that the slice covers. */
  readonly ranges: readonly LogRange[];
  /** End of the slice, epoch ms. Earlier than requested if a limit was reached. */
  readonly until: number;
  readonly truncatedBy: 'records' | 'seconds' | 'matches' | null;
}

/** Extra time for connecting, joining and leaving, ms. */
const GRACE_MS = 3_000;

interface PlacedSignal extends RecordedSignal {
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Reads a bounded time range of recorded signals from the Kafka log, because the database stores only signals that matched.
 * Yields to the event loop between chunks.
 */
export function createSignalLog({ admin, topic, limits }: SignalLogOptions) {
  return {
    /** @throws TriplineError `UNAVAILABLE` when Kafka does not answer */
    async read(span: LogSpan, wants: (signal: Signal) => boolean): Promise<LogSlice> {
      const reader = new SliceReader(limits, wants);
      const timer = setTimeout(() => reader.stop('seconds'), limits.maxMs);
      try {
        return await orUnavailable(limits.maxMs + GRACE_MS, async () => {
          const ranges = await rangesOf(admin, topic, span);
          await admin.readRange(topic, ranges, (batch) => reader.take(batch), { signal: reader.signal });
          return reader.slice(ranges, span);
        });
      } finally {
        clearTimeout(timer);
        reader.stop('seconds');
      }
    },
  };
}
export type SignalLog = ReturnType<typeof createSignalLog>;

interface AskedRange extends PartitionOffsets {
  /** First offset after the warm-up. */
  readonly from: bigint;
}

async function rangesOf(admin: SignalLogOptions['admin'], topic: string, span: LogSpan): Promise<AskedRange[]> {
  const [log, warmUps, starts, ends] = await Promise.all([
    admin.offsets(topic),
    admin.offsetsAt(topic, span.warmUpFrom),
    admin.offsetsAt(topic, span.from),
    admin.offsetsAt(topic, span.to),
  ]);
  return log.map(({ partition, low: oldest, high: end }) => {
    const at = (list: typeof starts): bigint => {
      const offset = list.find((entry) => entry.partition === partition)?.offset ?? end;
      return offset > oldest ? offset : oldest;
    };
    return { partition, low: at(warmUps), from: at(starts), high: at(ends) };
  });
}

class SliceReader {
  readonly #stop = new AbortController();
  readonly #signals: PlacedSignal[] = [];
  /** Per partition: the offset after the last record read, and that record's append time. */
  readonly #reached = new Map<number, { next: bigint; atMs: number }>();
  #read = 0;
  #stoppedBy: LogSlice['truncatedBy'] = null;

  constructor(
    private readonly limits: SignalLogLimits,
    private readonly wants: (signal: Signal) => boolean,
  ) {}

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  stop(by: Exclude<LogSlice['truncatedBy'], null>): void {
    if (this.#stop.signal.aborted) return;
    this.#stoppedBy = by;
    this.#stop.abort();
  }

  async take({ partition, messages }: IncomingChunk): Promise<void> {
    for (const { value, offset, timestampMs } of messages) {
      const decoded = decodeSignalRecord({ value, timestampMs });
      if (!decoded.ok || !this.wants(decoded.signal)) continue;
      this.#signals.push({ signal: decoded.signal, appendedAtMs: timestampMs, partition, offset });
    }
    const last = messages.at(-1);
    if (last !== undefined) this.#reached.set(partition, { next: last.offset + 1n, atMs: last.timestampMs });
    this.#read += messages.length;
    if (this.#read >= this.limits.maxRecords) this.stop('records');
    else if (this.#signals.length >= this.limits.maxMatches) this.stop('matches');
    await nextTurn();
  }

  /** The slice up to the end of the least advanced partition. All partitions are complete up to there. */
  slice(asked: readonly AskedRange[], { from, to }: LogSpan): LogSlice {
    const unfinished = asked.filter((range) => range.low < range.high && this.#nextOf(range) < range.high);
    const isWhole = unfinished.length === 0;
    const reached = unfinished.map(({ partition }) => this.#reached.get(partition)?.atMs ?? from);
    const until = isWhole ? to : Math.max(from, Math.min(...reached));
    const [kept, cut] = [[] as PlacedSignal[], [] as PlacedSignal[]];
    for (const signal of this.#signals) (isWhole || signal.appendedAtMs < until ? kept : cut).push(signal);
    return {
      records: kept.sort(inLogOrder),
      read: this.#read,
      ranges: asked.map((range) => ({ partition: range.partition, low: range.from, high: this.#endOf(range, cut) })),
      until,
      truncatedBy: isWhole ? null : (this.#stoppedBy ?? 'seconds'),
    };
  }

  #nextOf({ partition, low }: PartitionOffsets): bigint {
    return this.#reached.get(partition)?.next ?? low;
  }

  #endOf(range: PartitionOffsets, cut: readonly PlacedSignal[]): bigint {
    const offsets = cut.filter(({ partition }) => partition === range.partition).map(({ offset }) => offset);
    return offsets.reduce((least, offset) => (offset < least ? offset : least), this.#nextOf(range));
  }
}

function inLogOrder(a: PlacedSignal, b: PlacedSignal): number {
  return a.appendedAtMs - b.appendedAtMs || a.partition - b.partition || (a.offset < b.offset ? -1 : 1);
}

/** A time-out of our own: the Kafka client waits for a broker longer than API callers do. */
async function orUnavailable<T>(deadlineMs: number, work: () => Promise<T>): Promise<T> {
  try {
    return await withTimeout(work(), deadlineMs);
  } catch (error) {
    if (error instanceof TimeoutError) throw unavailable();
    if (isOfKafka(error)) throw unavailable(error);
    throw error;
  }
}

function isOfKafka(error: unknown): boolean {
  return kafkaErrorKind(error) !== 'other' || (error instanceof Error && error.name.startsWith('KafkaJS'));
}

function unavailable(cause?: unknown): TriplineError {
  const kind = cause === undefined ? 'timeout' : kafkaErrorKind(cause);
  return new TriplineError('UNAVAILABLE', 'The signal log cannot be read because Kafka does not answer.', {
    cause,
    details: { kafka: kind },
  });
}
