import type { RestartPolicy } from './restart-policy';
import { supervise, type Supervised, type SuperviseOptions, UnrecoverableError, unlessAborted } from './supervise';

const AT_ONCE: RestartPolicy = { maxCrashes: 3, windowMs: 60_000, firstWaitMs: 0, maxWaitMs: 0 };
const NEVER_AGAIN: RestartPolicy = { ...AT_ONCE, firstWaitMs: Number.MAX_SAFE_INTEGER, maxWaitMs: 2 ** 30 };

/** A service controlled by the test. */
function createUnit(restart: Supervised['restart'] = async () => undefined) {
  let end = Promise.withResolvers<string | null>();
  let pid = 100;
  const unit: Supervised = {
    name: 'worker',
    logFile: 'worker.log',
    pid: () => pid,
    untilCrash: (signal) => unlessAborted(end.promise, signal),
    async restart(signal) {
      pid += 1;
      end = Promise.withResolvers();
      await restart(signal);
    },
  };
  return { unit, ends: (cause: string | null) => end.resolve(cause) };
}

function watch(unit: Supervised, options: Partial<SuperviseOptions> = {}) {
  const lines: string[] = [];
  const waiters: (() => void)[] = [];
  const report = (line: string): void => {
    lines.push(line);
    for (const wake of waiters.splice(0)) wake();
  };
  const supervision = supervise([unit], { policy: AT_ONCE, report, ...options });
  const untilLines = async (count: number): Promise<void> => {
    while (lines.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  return { supervision, lines, untilLines };
}

async function untilFailed({ failed }: { readonly failed: AbortSignal }): Promise<Error> {
  if (!failed.aborted) await new Promise((resolve) => failed.addEventListener('abort', resolve));
  return failed.reason as Error;
}

describe('supervise', () => {
  it('reports what died, restarts it and reports when it is ready', async () => {
    const { unit, ends } = createUnit();
    const onRestarted = jest.fn();
    const { supervision, lines, untilLines } = watch(unit, { onRestarted });
    ends('SIGKILL');
    await untilLines(2);
    expect(lines[0]).toBe('worker (pid 100) died: SIGKILL; restarting in 0.0 s');
    expect(lines[1]).toMatch(/^worker ready again after \d+\.\d s \(pid 101, restart 1\)$/);
    expect(supervision.restarts()).toEqual({ worker: 1 });
    expect(onRestarted).toHaveBeenCalledWith({ name: 'worker', pid: 100, cause: 'SIGKILL' }, expect.any(Number));
    await supervision.stop();
  });

  it('reports nothing about a service that was stopped on request', async () => {
    const { unit, ends } = createUnit();
    const { supervision, lines } = watch(unit);
    ends(null);
    await supervision.stop();
    expect(lines).toEqual([]);
    expect(supervision.crashes).toEqual([]);
  });

  it('fails with the last cause when a service cannot stay up', async () => {
    const { unit, ends } = createUnit(() => Promise.reject(new Error('exit code 1 (no disk)')));
    const { supervision } = watch(unit);
    ends('SIGSEGV');
    expect(await untilFailed(supervision)).toMatchObject({
      code: 'CANNOT_STAY_UP',
      message:
        'worker cannot stay up: it died 3 times in 60 s, most recently with exit code 1 (no disk); see worker.log',
    });
    expect(supervision.crashes.map(({ cause }) => cause)).toEqual([
      'SIGSEGV',
      'exit code 1 (no disk)',
      'exit code 1 (no disk)',
    ]);
  });

  it('fails at once when a restart cannot help', async () => {
    const { unit, ends } = createUnit(() => Promise.reject(new UnrecoverableError('another address')));
    const { supervision } = watch(unit);
    ends('its process is gone');
    const { message } = await untilFailed(supervision);
    expect(message).toBe('worker cannot be restarted: another address; see worker.log');
  });

  it('stops at once during the wait before a restart and starts nothing', async () => {
    const restart = jest.fn();
    const { unit, ends } = createUnit(restart);
    const { supervision, untilLines } = watch(unit, { policy: NEVER_AGAIN });
    ends('SIGKILL');
    await untilLines(1);
    await supervision.stop();
    expect(restart).not.toHaveBeenCalled();
    expect(supervision.failed.aborted).toBe(false);
  });

  it('stops at once during a restart and does not count that as a failure', async () => {
    const begun = Promise.withResolvers<void>();
    const { unit, ends } = createUnit((signal) => {
      begun.resolve();
      return unlessAborted(new Promise(() => undefined), signal);
    });
    const { supervision } = watch(unit);
    ends('SIGKILL');
    await begun.promise;
    await supervision.stop();
    expect(supervision.failed.aborted).toBe(false);
  });
});
