import { readFile } from 'node:fs/promises';

import { tailOf } from '../local-stack';
import { describeEnd, NodeProcess, type ProcessEnd } from '../supervision/node-process';
import { type Supervised, unlessAborted } from '../supervision/supervise';

export interface AppProcessOptions {
  readonly name: string;
  /** Folder of the built app, with `main.js` and `instrument.js`. */
  readonly distDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Truncated by the first launch, appended to by later ones. */
  readonly logFile: string;
  readonly metricsPort: number;
  /** Called with the pid of every launch, e.g. to record it for a later command. */
  readonly onLaunched?: (pid: number) => void;
}

/** One of our services in its own process, as in production. It can be launched again after it has ended. */
export interface AppProcess extends Supervised {
  readonly metricsPort: number;
  /** Launches the process and resolves with the seconds until the service reports ready. */
  start(): Promise<number>;
  /** Launches the process without waiting for readiness, as an orchestrator would. */
  launch(): void;
  /** SIGTERM, then SIGKILL after the deadline; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL: the process finishes and logs nothing. Resolves when it is gone. */
  kill(): Promise<void>;
  isRunning(): boolean;
  /** Whether `/health/ready` answers 200 right now. */
  isReady(): Promise<boolean>;
  /** Resident memory in MiB; null when the process is not running or the system has no /proc. */
  residentMiB(): Promise<number | null>;
  /** Resolves when the current launch ends; after that, the end of the last launch. */
  readonly ended: Promise<ProcessEnd>;
}

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 35_000;
const LOG_TAIL_LINES = 6;

export function createAppProcess(options: AppProcessOptions): AppProcess {
  const { name, distDir, env, logFile, metricsPort, onLaunched } = options;
  const node = new NodeProcess({
    name,
    args: ['--enable-source-maps', '-r', `${distDir}/instrument.js`, `${distDir}/main.js`],
    env: () => env,
    logFile,
    log: 'truncate',
    metricsPort,
    onLaunched,
  });
  return {
    ...{ name, metricsPort, logFile },
    ...supervised(node),
    get ended() {
      return node.ended;
    },
    async start() {
      const startedAt = performance.now();
      node.launch();
      const end = await node.untilReady({ timeoutMs: READY_DEADLINE_MS });
      if (end !== null) throw new Error(failedStart(node, end));
      return (performance.now() - startedAt) / 1000;
    },
    launch: () => node.launch(),
    stop: async () => (await node.stop(STOP_DEADLINE_MS))?.code ?? null,
    async kill() {
      if (!node.isRunning()) return;
      node.signal('SIGKILL');
      await node.ended;
    },
    isRunning: () => node.isRunning(),
    isReady: async () => (await node.readiness()) === 'ready',
    async residentMiB() {
      const status = await readFile(`/proc/${node.pid()}/status`, 'utf8').catch(() => '');
      const kib = /VmRSS:\s+(\d+)/.exec(status)?.[1];
      return kib === undefined ? null : Math.round(Number(kib) / 1024);
    },
  };
}

function supervised(node: NodeProcess): Pick<Supervised, 'pid' | 'untilCrash' | 'restart'> {
  return {
    pid: () => node.pid(),
    async untilCrash(signal) {
      const end = await unlessAborted(node.ended, signal);
      return end.isRequested ? null : causeOf(node, end);
    },
    async restart(signal) {
      node.launch();
      const end = await node.untilReady({ signal });
      if (end !== null) throw new Error(causeOf(node, end));
    },
  };
}

/** A killed process cannot log its own death. */
function causeOf(node: NodeProcess, end: ProcessEnd): string {
  const error = end.signal === null ? node.lastError() : undefined;
  return error === undefined ? describeEnd(end) : `${describeEnd(end)} (${error})`;
}

function failedStart({ name, logFile }: NodeProcess, end: ProcessEnd): string {
  // Stack traces are left out: they would push the error message out of view.
  const tail = tailOf(logFile, LOG_TAIL_LINES).replace(/,"error_stack":"(?:[^"\\]|\\.)*"/g, '');
  return `${name} failed to start (${describeEnd(end)}); last lines of ${logFile}:\n${tail}`;
}
