import type { RedisConnection } from '../connection/redis-connection';
import type { ExecutionQueue, ExecutionQueueOptions } from '../ports';
export function createExecutionQueue(options: ExecutionQueueOptions & { connection: RedisConnection }): ExecutionQueue {
  throw new Error(`not built yet ${options.connection.prefix}`);
}
