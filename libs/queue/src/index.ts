export { checkRedis, type RedisFacts } from './connection/check-redis';
export { observeRedisCommands } from './connection/command-observer';
export type { QueueLogger } from './connection/queue-logger';
export { redisConfigSchema, type RedisConfig } from './connection/redis-config';
export { createProducerConnection, createWorkerConnection, type RedisConnection } from './connection/redis-connection';
export {
  JobLockLostError,
  QueueUnavailableError,
  UnfitRedisError,
  WorkerStoppingError,
  type UnfitReason,
} from './errors';
export { createEnqueueSteps, enqueueExecutions, type EnqueueOptions, type EnqueueSteps } from './executions/enqueue';
export { createExecutionQueue } from './executions/execution-queue';
export { createExecutionWorker } from './executions/execution-worker';
export {
  QUEUE_STATES,
  type ExecutionJobRun,
  type ExecutionQueue,
  type ExecutionQueueOptions,
  type ExecutionWorker,
  type ExecutionWorkerOptions,
  type QueueCounts,
  type QueuedExecution,
  type QueueState,
  type RedisCommandEvent,
  type WorkerProgress,
} from './ports';
