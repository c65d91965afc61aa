import { TimeoutError, withTimeout } from '@tripline/runtime';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { decodeSignalRecord, TriplineError } from '@tripline/contracts';
import type { RecordedSignal } from '@tripline/decisions';
import type { Signal } from '@tripline/triggers';
import { type IncomingChunk, kafkaErrorKind, type PartitionOffsets, type TopicAdmin } from '@tripline/messaging';
import type { LogRange } from '@tripline/decision-store';

/** How much of the log one question may cost. */
export interface SignalLogLimits {
  readonly maxRecords: number;
  /** Of the read, ms. */
  readonly maxMs: number;
  /** Signals kept in memory. */
  readonly maxMatches: number;
}

export interface SignalLogOptions {
  readonly admin: Pick<TopicAdmin, 'offsets' | 'offsetsAt' | 'readRange'>;
  readonly topic: string;
  readonly limits: SignalLogLimits;
}

/** Append times, epoch ms. */
export interface LogSpan {
  /** What is read from, so that what comes next has its past. */
  readonly warmUpFrom: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** What the log holds of a time range. */
export interface LogSlice {
  /** The wanted signals, in the order of their append times. */
  readonly records: readonly RecordedSignal[];
  /** Records read, unwanted ones included. */
  readonly read: number;
  /** Offsets that the slice stands for. */
  readonly ranges: readonly LogRange[];
  /** End of the slice, epoch ms: earlier than asked for where a limit cut it. */
  readonly until: number;
  readonly truncatedBy: 'records' | 'seconds' | 'matches' | null;
}

/** Beyond the limit of the read: connecting, joining, leaving. */
const GRACE_MS = 3_000;

interface PlacedSignal extends RecordedSignal {
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Recorded signals are the log itself: the database keeps only those that matched something. Reads a time range of it,
 * bounded, and gives the event loop a turn between chunks.
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
  /** First offset behind the warm-up. */
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
  /** Of each partition the offset after the last record read, and its append time. */
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

  /** What was read, cut where the partition that came least far ends: up to there all of them are complete. */
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

/** Kafka's client waits for a broker longer than a caller of the API does. */
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
  return new TriplineError('UNAVAILABLE', 'The log of recorded signals cannot be read: Kafka does not answer.', {
    cause,
    details: { kafka: kind },
  });
}
