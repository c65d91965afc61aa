export { createRedisCommandObserver } from './connection/command-observer';
export { redisConfigSchema } from './connection/redis-config';
export { createProducerConnection, createWorkerConnection, type RedisConnection } from './connection/redis-connection';
export { JobLockLostError, QueueUnavailableError, UnfitRedisError, WorkerStoppingError } from './errors';
export { createEnqueueSteps, enqueueExecutions, type EnqueueOptions, type EnqueueSteps } from './executions/enqueue';
export { createExecutionQueue } from './executions/execution-queue';
export { createExecutionWorker } from './executions/execution-worker';
export {
  type ExecutionJobRun,
  type ExecutionQueue,
  type ExecutionWorker,
  type ExecutionWorkerOptions,
  QUEUE_STATES,
  type QueueCounts,
  type QueuedExecution,
} from './ports';
