import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePorts, isPortFree } from './ports';
import { launchDetached, signalProcess, stopProcess, tailOf, waitForExit } from './processes/server-process';
import {
  isAlive,
  judgeRecord,
  readRecord,
  recordFileOf,
  removeRecord,
  writeRecord,
  type ServerRecord,
} from './processes/server-record';
import type { Ports, ServerRecipe } from './types';

const LAUNCH_ATTEMPTS = 3;
const CHECK_EVERY_MS = 40;
const REUSE_CHECK_MS = 3_000;
const PORT_RELEASE_MS = 5_000;
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/** The action that `start` took. */
export type StartKind = 'started' | 'reused' | 'replaced';

/** One server of the stack, started from a recipe and recognised by its record. Only our own servers are stopped. */
export class ManagedServer {
  private readonly recordFile: string;
  private readonly portsFile: string;
  readonly logFile: string;

  constructor(
    readonly recipe: ServerRecipe,
    stackDir: string,
    logDir: string,
  ) {
    this.recordFile = recordFileOf(stackDir, recipe.component);
    this.portsFile = join(stackDir, `${recipe.component}.ports.json`);
    this.logFile = join(logDir, `${recipe.component}.log`);
    mkdirSync(stackDir, { recursive: true });
  }

  /** The running process' record, or undefined. */
  running(): ServerRecord | undefined {
    const record = readRecord(this.recordFile);
    return record && isAlive(record) ? record : undefined;
  }

  pid(): number | undefined {
    return this.running()?.pid;
  }

  /** Value of the environment variable that names this server; throws when the server is not running. */
  address(): string {
    const record = this.running();
    if (!record) throw new Error(`${this.recipe.component} is not running`);
    return record.address;
  }

  /** Starts the server. A server left by an earlier command is reused, or replaced if its settings differ. */
  async start(): Promise<StartKind> {
    const record = readRecord(this.recordFile);
    const verdict = judgeRecord(record, record !== undefined && isAlive(record), this.recipe.fingerprint);
    if (verdict === 'reusable' && record && (await this.answers(record, REUSE_CHECK_MS))) return 'reused';
    const replaces = verdict === 'reusable' || verdict === 'outdated';
    if (replaces) await this.stop();
    // After a crash, remaining threads may hold the ports briefly. Clients know the server by these ports, so wait.
    else if (verdict === 'gone' && record) await waitUntilFree(record.ports);
    await this.launch();
    return replaces ? 'replaced' : 'started';
  }

  /** Stops the server cleanly and kills it after its deadline. Does nothing when it is not running. */
  async stop(): Promise<void> {
    const record = this.running();
    if (record) {
      await stopProcess(record, record.stopSignal, record.stopDeadlineMs);
      await waitUntilFree(record.ports);
    }
    removeRecord(this.recordFile);
  }

  /** Simulates a crash with SIGKILL: nothing is flushed. The data is kept for the next start. */
  async kill(): Promise<void> {
    const record = this.running();
    if (record) {
      signalProcess(record, 'SIGKILL');
      await waitForExit(record, this.recipe.stopDeadlineMs);
      await waitUntilFree(record.ports);
    }
    removeRecord(this.recordFile);
  }

  /** Stop, then start on the same ports. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** SIGSTOP: the server keeps its connections but answers nothing. */
  pause(): void {
    const record = this.running();
    if (record) signalProcess(record, 'SIGSTOP');
  }

  resume(): void {
    const record = this.running();
    if (record) signalProcess(record, 'SIGCONT');
  }

  private async launch(): Promise<void> {
    this.rotateLog();
    let failure = '';
    for (let attempt = 1; attempt <= LAUNCH_ATTEMPTS; attempt++) {
      const wanted = await this.choosePorts();
      await this.recipe.prepare(wanted);
      const logFrom = existsSync(this.logFile) ? statSync(this.logFile).size : 0;
      const pid = await launchDetached(this.recipe.launch(wanted), this.logFile);
      const record = writeRecord(this.recordFile, pid, this.recipe, wanted);
      const ports = (await this.recipe.discoverPorts?.(this.logFile, logFrom)) ?? wanted;
      const outcome = await this.waitUntilHealthy({ ...record, ports });
      if (outcome === undefined) {
        writeRecord(this.recordFile, pid, this.recipe, ports);
        writeFileSync(this.portsFile, JSON.stringify(ports));
        return;
      }
      failure = outcome;
      const endedByItself = this.running() === undefined;
      await this.stop();
      // A server that ended at once may have lost its port to another process between probe and bind: try again.
      if (!endedByItself) break;
    }
    throw new Error(`${this.recipe.label} did not start: ${failure}\nEnd of ${this.logFile}:\n${tailOf(this.logFile)}`);
  }

  /** The previous ports if they are free, so that addresses survive a restart; else other free ports. */
  private async choosePorts(): Promise<Ports> {
    if (existsSync(this.portsFile)) {
      const last = JSON.parse(readFileSync(this.portsFile, 'utf8')) as number[];
      if (last.length === this.recipe.preferredPorts.length && (await allFree(last))) return last;
    }
    return findFreePorts(this.recipe.preferredPorts);
  }

  /** Undefined when healthy, else the reason. */
  private async waitUntilHealthy(record: ServerRecord): Promise<string | undefined> {
    const deadline = Date.now() + this.recipe.startDeadlineMs;
    let reason = 'no answer';
    while (Date.now() < deadline) {
      try {
        await this.recipe.check(record.ports, record.pid);
        return undefined;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      if (!isAlive(record)) return `it ended during start-up (${reason})`;
      await delay(CHECK_EVERY_MS);
    }
    return `not healthy after ${this.recipe.startDeadlineMs} ms (${reason})`;
  }

  private async answers(record: ServerRecord, withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (Date.now() < deadline) {
      try {
        await this.recipe.check(record.ports, record.pid);
        return true;
      } catch {
        await delay(CHECK_EVERY_MS);
      }
    }
    return false;
  }

  /** Keeps one older log, so that logs do not grow forever. */
  private rotateLog(): void {
    if (existsSync(this.logFile) && statSync(this.logFile).size > LOG_LIMIT_BYTES) {
      renameSync(this.logFile, `${this.logFile}.1`);
    }
  }
}

async function allFree(ports: Ports): Promise<boolean> {
  for (const port of ports) if (!(await isPortFree(port))) return false;
  return true;
}

/** A killed process can leave the process list while its last threads still hold its sockets. */
async function waitUntilFree(ports: Ports): Promise<void> {
  const deadline = Date.now() + PORT_RELEASE_MS;
  while (Date.now() < deadline && !(await allFree(ports))) await delay(CHECK_EVERY_MS);
}
