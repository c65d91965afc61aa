import type { RedisConnection } from '../connection/redis-connection';
import type { ExecutionWorker, ExecutionWorkerOptions } from '../ports';
export function createExecutionWorker(
  options: ExecutionWorkerOptions & { connection: RedisConnection },
): ExecutionWorker {
  throw new Error(`not built yet ${options.connection.prefix}`);
}
