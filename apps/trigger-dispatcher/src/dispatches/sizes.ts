const MIB = 1 << 20;

/**
 * Every size on the way of a record, from the outside in. One vocabulary:
 *
 * - a *fetch* is one answer of Kafka;
 * - a *batch* is what it holds of one partition;
 * - a *chunk* is what is handled and decided together, in one transaction: consecutive records of a batch. The consumer cuts
 *   it by records and bytes, the match stage cuts it again where it has too many pairs of signal and pipeline;
 * - a *small chunk* has at most 200 records. The first chunk of a partition after an assignment is small, a small batch is
 *   finished before the next fetch (both `libs/messaging`), and small chunks share a transaction (`libs/persistence`).
 *
 * Under load fetch, batch and chunk are the same records: one transaction, one fsync and one offset commit serve thousands
 * of signals. When quiet they are the one signal that has just arrived.
 */
export const SIZES = {
  /** A fetch, all partitions together. */
  fetchBytes: 8 * MIB,
  /** A batch, as compressed in the log. */
  batchBytes: 2 * MIB,
  /** A chunk, unpacked. Its records are bounded by `DISPATCH_CHUNK_RECORDS`. */
  chunkBytes: 2 * MIB,
  /**
   * Pairs of signal and pipeline in one chunk; a single signal may have more. Without it a popular ticker with thousands of
   * pipelines would make a transaction that outlasts the statement timeout, and would be redelivered for ever.
   */
  chunkPairs: 5_000,
  /** Executions that wait for their job or its acknowledgement before the intake waits. */
  enqueueBacklog: 5_000,
  /** Executions of one enqueue call; the queue cuts it into requests of `ENQUEUE_BULK_JOBS`. */
  enqueueCall: 1_000,
  /** Executions of one acknowledging statement: claims of the same executions wait for it. */
  acknowledgement: 250,
} as const;
