import { stopProcess } from './processes/server-process';
import { isAlive, readRecord, recordFileOf, removeRecord, type ServerRecord } from './processes/server-record';
import type { ComponentName } from './types';

/** Prometheus stops first, so that it does not record the stop of the others as an outage. */
const STOP_ORDER: readonly ComponentName[] = ['prometheus', 'kafka', 'redis', 'postgres'];

/** A running server of a stack, whichever command started it. */
export interface RunningServer {
  readonly component: ComponentName;
  readonly record: ServerRecord;
}

/** The running servers of the stack in `stackDir`, whichever command started them. */
export function listRunning(stackDir: string): RunningServer[] {
  return STOP_ORDER.flatMap((component) => {
    const record = readRecord(recordFileOf(stackDir, component));
    return record && isAlive(record) ? [{ component, record }] : [];
  });
}

/** Stops every recorded server of the stack and keeps its data. `onStopped` is called for each. */
export async function stopRunning(
  stackDir: string,
  onStopped: (server: RunningServer, how: 'stopped' | 'killed', ms: number) => void,
): Promise<void> {
  const stop = async (server: RunningServer): Promise<void> => {
    const from = performance.now();
    const how = await stopProcess(server.record, server.record.stopSignal, server.record.stopDeadlineMs);
    removeRecord(recordFileOf(stackDir, server.component));
    onStopped(server, how, performance.now() - from);
  };
  const servers = listRunning(stackDir);
  for (const server of servers.filter(isPrometheus)) await stop(server);
  await Promise.all(servers.filter((server) => !isPrometheus(server)).map(stop));
}

function isPrometheus(server: RunningServer): boolean {
  return server.component === 'prometheus';
}
