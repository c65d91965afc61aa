/** A record to publish. Always keyed: kafkajs re-partitions keyless records on every retry, which can drop or duplicate them. */
export interface OutgoingMessage {
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Epoch milliseconds. The broker's clock is used when it is left out or the topic uses append time. */
  readonly timestampMs?: number;
}

/** A record as the broker delivered it. Nothing in it is trusted yet. */
export interface IncomingMessage {
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** UTF-8 decoded; a repeated header has its last value. */
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch milliseconds: the broker's append time on topics made by `ensureTopic`. */
  readonly timestampMs: number;
  /**
   * Its compressed batch would exceed the memory limit and was not decompressed: key, value and headers are unknown.
   */
  readonly isOversized?: boolean;
}

/** One chunk of one partition, in log order; at most `maxRecords` records and `maxBytes` bytes (a larger record travels alone). */
export interface IncomingChunk {
  readonly topic: string;
  readonly partition: number;
  /** End of the partition's log when the chunk was fetched: the offset the next record will get. */
  readonly highWatermark: bigint;
  readonly messages: readonly IncomingMessage[];
  /**
   * Sends the group a heartbeat; call it inside handlers that take longer than the heartbeat interval. When it rejects, the
   * partition is lost: let the rejection pass through, and nothing is committed.
   */
  heartbeat(): Promise<void>;
  /** False once the consumer is stopping; a handler may then throw `BatchAbandonedError` to leave the chunk uncommitted. */
  isRunning(): boolean;
}

/** The progress of one partition. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to handle. */
  readonly nextOffset: bigint;
  readonly highWatermark: bigint;
  /** Records not handled yet, as of the last fetch that brought records. */
  readonly lag: number;
}

/** The part of a logger this library uses; pino satisfies it. */
export interface MessagingLogger {
  debug(fields: Record<string, unknown>, text: string): void;
  info(fields: Record<string, unknown>, text: string): void;
  warn(fields: Record<string, unknown>, text: string): void;
  error(fields: Record<string, unknown>, text: string): void;
}

export const SILENT_LOGGER: MessagingLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
