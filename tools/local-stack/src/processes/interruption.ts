import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { listRunning } from '../inspect';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C or `kill` can arrive several times: from the terminal, npm and the bootstrap. */
const SAME_INTERRUPTION_MS = 2_000;
export const INTERRUPTED_EXIT_CODE = 130;

/** How a command reacts to an interruption. */
export interface Interruption {
  /** Called once, at the first signal, or with SIGPIPE when the output is closed: stops in order, then ends the process. */
  readonly stop: (signal: NodeJS.Signals) => void;
  /** Stack folders whose servers are killed when the stop itself is interrupted. Their data must be disposable. */
  readonly stackDirs: readonly string[];
}

/**
 * Stops an interrupted command in order. Repeated signals are ignored for two seconds; a later one kills
 * the servers and ends the process at once.
 */
export function onInterruption({ stop, stackDirs }: Interruption): void {
  let firstAt: number | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      stop(signal);
    } else if (performance.now() - firstAt > SAME_INTERRUPTION_MS) {
      stackDirs.flatMap(listRunning).forEach(({ record }) => process.kill(record.pid, 'SIGKILL'));
      process.exit(INTERRUPTED_EXIT_CODE);
    }
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  // Ctrl-C also ends the reader: its closed pipe must not count as a second interruption.
  onOutputClosed(() => firstAt === undefined && handle('SIGPIPE'));
}

/**
 * Calls back once when the reader of this process's output ends, as in `npm start | head`. Later output is dropped. Without
 * this, Node ends the process at its next line and leaves the servers running.
 */
export function onOutputClosed(handle: () => void): void {
  let isClosed = false;
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (isClosed) return;
    isClosed = true;
    handle();
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onError);
}

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Kills the child when this process ends for any reason except SIGKILL. */
export function killOnExit(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/**
 * Waits until a start in progress has succeeded or failed, so that everything it launches can be stopped. Gives up after
 * the deadline, because a download may take minutes and launches nothing.
 */
export async function settled(start: Promise<unknown> | undefined, deadlineMs = 30_000): Promise<void> {
  const controller = new AbortController();
  const deadline = delay(deadlineMs, undefined, { signal: controller.signal }).catch(() => undefined);
  await Promise.race([Promise.resolve(start).catch(() => undefined), deadline]);
  controller.abort();
}
