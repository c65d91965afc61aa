import { DEFAULT_FEE_MODEL } from '@tripline/domain';
import { LeaseLostError } from '@tripline/persistence';
import type { ExecutionJobRun } from '@tripline/queue';

import { buildClaimedExecution, risingSource } from '../../test/claimed-execution';
import { createExecutionHandler, type ExecutionHandlerOptions } from './execution-handler';

const job: ExecutionJobRun = {
  data: { executionId: buildClaimedExecution().executionId, generation: 1 },
  traceCarrier: {},
  signal: new AbortController().signal,
  jobId: 'x_1',
  enqueuedAtMs: 0,
};

function createHarness(store: Partial<ExecutionHandlerOptions['store']>) {
  const events: string[] = [];
  const handle = createExecutionHandler({
    store: {
      claim: () => Promise.resolve(buildClaimedExecution()),
      renew: () => Promise.resolve(0),
      checkpoint: ({ intent }) => Promise.resolve(intent ? { intent, state: 'intent' } : null),
      submitToPaperBroker: () => Promise.resolve({ fresh: true, position: null, realisedPnl: null }),
      finish: () => Promise.resolve(),
      release: () => Promise.resolve({ status: 'pending', generation: 2 }),
      ...store,
    },
    bars: risingSource,
    feeModel: DEFAULT_FEE_MODEL,
    owner: 'test',
    leaseMs: 30_000,
    monotonicMs: () => 0,
    observer: {
      onNothingToDo: () => void events.push('nothing'),
      onStarted: () => void events.push('started'),
      onEnded: (_run, { status }) => void events.push(`ended ${status}`),
      onFailed: (_run, error, becomes) => void events.push(`failed ${(error as Error).message} ${becomes}`),
      onLeaseLost: () => void events.push('lease lost'),
    },
  });
  return { handle, events };
}

describe('createExecutionHandler', () => {
  it('claims, runs and ends', async () => {
    const { handle, events } = createHarness({});
    await handle(job);
    expect(events).toEqual(['started', 'ended completed']);
  });

  it('does nothing for a job whose run is finished, taken or dispatched anew', async () => {
    const { handle, events } = createHarness({ claim: () => Promise.resolve(null) });
    await handle(job);
    expect(events).toEqual(['nothing']);
  });

  it('gives the run back when an attempt fails', async () => {
    const { handle, events } = createHarness({ submitToPaperBroker: () => Promise.reject(new Error('boom')) });
    await handle(job);
    expect(events).toEqual(['started', 'failed boom pending']);
  });

  it('writes nothing more when the lease is lost', async () => {
    let released = false;
    const { handle, events } = createHarness({
      checkpoint: () => Promise.reject(new LeaseLostError('e1')),
      release: () => {
        released = true;
        return Promise.resolve({ status: 'pending', generation: 2 });
      },
    });
    await handle(job);
    expect(events).toEqual(['started', 'lease lost']);
    expect(released).toBe(false);
  });

  it('tells of a lost lease once, whoever notices it first', async () => {
    jest.useFakeTimers();
    const { handle, events } = createHarness({
      renew: () => Promise.reject(new LeaseLostError('e1')),
      checkpoint: () => new Promise((resolve) => setTimeout(() => resolve(null), 15_000)),
    });
    const handled = handle(job);
    await jest.advanceTimersByTimeAsync(15_000);
    jest.useRealTimers();
    await handled;
    expect(events).toEqual(['started', 'lease lost']);
  });

  it('leaves the run to the sweeper when it cannot even be given back', async () => {
    const away = () => Promise.reject(new Error('database away'));
    const { handle, events } = createHarness({ submitToPaperBroker: away, release: away });
    await handle(job);
    expect(events).toEqual(['started', 'failed database away unknown']);
  });
});
