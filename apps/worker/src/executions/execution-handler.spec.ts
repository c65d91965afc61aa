import { DEFAULT_FEE_MODEL } from '@tripline/trading';
import { LeaseLostError } from '@tripline/database';
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

const ENDED = { denial: null, position: null, realisedPnl: null };

function createHarness(store: Partial<ExecutionHandlerOptions['store']>, isLost = () => false) {
  let loseIt: () => void = () => undefined;
  const events: string[] = [];
  const handle = createExecutionHandler({
    store: {
      claim: () => Promise.resolve(buildClaimedExecution()),
      checkpoint: ({ intent }) =>
        Promise.resolve({ denial: null, intent: { intent, state: 'submitted', submittedAt: 1_000 } }),
      finishWithOrder: () => Promise.resolve(ENDED),
      finish: () => Promise.resolve(ENDED),
      release: () => Promise.resolve({ status: 'pending', generation: 2 }),
      ...store,
    },
    leases: {
      name: 'leases',
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      hold: (_lease, _grantedAtMs, onLost) => {
        loseIt = () => onLost(new LeaseLostError('e1'));
        return {
          throwIfLost: () => {
            if (isLost()) throw new LeaseLostError('e1');
          },
          ensure: () => Promise.resolve(),
          beginEnding: () => undefined,
          release: () => undefined,
        };
      },
    },
    venueOf: () => ({ kind: 'internal' }),
    bars: risingSource,
    feeModel: DEFAULT_FEE_MODEL,
    leaseForOrderMs: 4_000,
    owner: 'test',
    leaseMs: 30_000,
    monotonicMs: () => 0,
    observer: {
      onNothingToDo: () => void events.push('nothing'),
      onDenied: ({ denial }) => void events.push(`denied ${denial}`),
      onStarted: () => void events.push('started'),
      onEnded: (_run, { status }) => void events.push(`ended ${status}`),
      onFailed: (_run, error, becomes) => void events.push(`failed ${(error as Error).message} ${becomes}`),
      onLeaseLost: () => void events.push('lease lost'),
    },
  });
  return { handle, events, loseIt: () => loseIt() };
}

describe('createExecutionHandler', () => {
  it('claims the execution, runs it and reports its end', async () => {
    const { handle, events } = createHarness({});
    await handle(job);
    expect(events).toEqual(['started', 'ended completed']);
  });

  it('does nothing for a job whose execution is finished, taken or dispatched again', async () => {
    const { handle, events } = createHarness({ claim: () => Promise.resolve(null) });
    await handle(job);
    expect(events).toEqual(['nothing']);
  });

  it('releases the execution when an attempt fails', async () => {
    const { handle, events } = createHarness({ finishWithOrder: () => Promise.reject(new Error('boom')) });
    await handle(job);
    expect(events).toEqual(['started', 'failed boom pending']);
  });

  it('writes nothing after the lease is lost', async () => {
    let released = false;
    const { handle, events } = createHarness({
      finishWithOrder: () => Promise.reject(new LeaseLostError('e1')),
      release: () => {
        released = true;
        return Promise.resolve({ status: 'pending', generation: 2 });
      },
    });
    await handle(job);
    expect(events).toEqual(['started', 'lease lost']);
    expect(released).toBe(false);
  });

  it('reports a lost lease only once, wherever it is noticed first', async () => {
    let lost = false;
    const { handle, events, loseIt } = createHarness(
      {
        finishWithOrder: () => {
          lost = true;
          loseIt();
          return Promise.reject(new LeaseLostError('e1'));
        },
      },
      () => lost,
    );
    await handle(job);
    expect(events).toEqual(['started', 'lease lost']);
  });

  it('does not start an execution that was denied at its claim', async () => {
    const { executionId, pipelineId, userId, triggerMode } = buildClaimedExecution();
    const refused = { executionId, pipelineId, userId, triggerMode, denial: 'signal_too_old' as const };
    const { handle, events } = createHarness({ claim: () => Promise.resolve(refused) });
    await handle(job);
    expect(events).toEqual(['denied signal_too_old']);
  });

  it('leaves the execution to the sweeper when it cannot be released', async () => {
    const away = () => Promise.reject(new Error('database unavailable'));
    const { handle, events } = createHarness({ finishWithOrder: away, release: away });
    await handle(job);
    expect(events).toEqual(['started', 'failed database unavailable unknown']);
  });
});
