import { readFile } from 'node:fs/promises';

import { tailOf } from '../local-stack';
import { describeEnd, NodeProcess, type ProcessEnd } from '../supervision/node-process';
import { type Supervised, unlessAborted } from '../supervision/supervise';

export interface AppProcessOptions {
  readonly name: string;
  /** Folder of the built app, with `main.js` and `instrument.js`. */
  readonly distDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Begun anew by the first run, continued by later ones. */
  readonly logFile: string;
  readonly metricsPort: number;
  /** Told the pid of every launch, e.g. to write it down for a later run. */
  readonly onLaunched?: (pid: number) => void;
}

/** One of our services as a process of its own, as it runs in production. It may run several times, one after the other. */
export interface AppProcess extends Supervised {
  readonly metricsPort: number;
  /** Launches the process and resolves with the seconds it took until the service says it is ready. */
  start(): Promise<number>;
  /** Launches the process and leaves it at that, as an orchestrator would. */
  launch(): void;
  /** SIGTERM, then SIGKILL after the deadline; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: nothing is finished and nothing is said. Resolves when the process is gone. */
  kill(): Promise<void>;
  isRunning(): boolean;
  /** Whether `/health/ready` answers 200 right now. */
  isReady(): Promise<boolean>;
  /** Resident memory, MiB; null when it does not run (or the system has no /proc). */
  residentMiB(): Promise<number | null>;
  /** Resolves with the end of the present launch, or else the last one. */
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

/** A process that was killed wrote nothing about it. */
function causeOf(node: NodeProcess, end: ProcessEnd): string {
  const error = end.signal === null ? node.lastError() : undefined;
  return error === undefined ? describeEnd(end) : `${describeEnd(end)} (${error})`;
}

function failedStart({ name, logFile }: NodeProcess, end: ProcessEnd): string {
  // Without the stacks, which make the last lines unreadable.
  const tail = tailOf(logFile, LOG_TAIL_LINES).replace(/,"error_stack":"(?:[^"\\]|\\.)*"/g, '');
  return `${name} ended by ${describeEnd(end)} instead of starting; the end of ${logFile}:\n${tail}`;
}
