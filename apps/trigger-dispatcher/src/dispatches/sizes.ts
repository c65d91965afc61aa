const MIB = 1 << 20;

/**
 * Every size on the path of a record, from the outside in. The terms:
 *
 * - a *fetch* is one response from Kafka;
 * - a *batch* is the part of a fetch that belongs to one partition;
 * - a *chunk* holds consecutive records of a batch, which are handled and decided together, in one transaction. The
 *   consumer cuts chunks by records and bytes. The match stage splits a chunk that has too many pairs of signal and pipeline;
 * - a *small chunk* has at most 200 records. The first chunk of a partition after an assignment is small, a small batch is
 *   finished before the next fetch (both in `libs/messaging`), and small chunks share a transaction.
 *
 * Under load a fetch, its batches and their chunks hold thousands of signals, which share one transaction, one fsync and one
 * offset commit. When idle, they hold the one signal that has just arrived.
 */
export const SIZES = {
  /** Bytes of a fetch, all partitions together. */
  fetchBytes: 8 * MIB,
  /** Bytes of a batch, as compressed in the log. */
  batchBytes: 2 * MIB,
  /** Bytes of a chunk, decompressed. `DISPATCH_CHUNK_RECORDS` limits its records. */
  chunkBytes: 2 * MIB,
  /**
   * Pairs of signal and pipeline in one chunk; a single signal may have more. Without this limit, a popular ticker with thousands
   * of pipelines would make the transaction exceed the statement timeout, and the chunk would be redelivered forever.
   */
  chunkPairs: 5_000,
  /** Executions that may wait for their job or its acknowledgement before the intake waits. */
  enqueueBacklog: 5_000,
  /** Executions of one enqueue call; the queue cuts it into requests of `ENQUEUE_BULK_JOBS`. */
  enqueueCall: 1_000,
  /** Executions per acknowledging statement: claims of the same executions wait for it. */
  acknowledgement: 250,
} as const;
