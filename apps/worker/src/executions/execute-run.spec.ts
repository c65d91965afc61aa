import { DEFAULT_FEE_MODEL } from '@tripline/domain';
import type { Checkpoint, Ending, PaperSubmission, StepRecord } from '@tripline/persistence';

import { buildClaimedExecution, MOCK_MARKET, RISING_BARS, risingSource } from '../../test/claimed-execution';
import { createBarSource } from '../market-data/bar-source';
import { executeRun, type ExecuteRunOptions } from './execute-run';
import { runAgents } from './run-agents';

type Write =
  | { kind: 'checkpoint'; value: Checkpoint }
  | { kind: 'finish'; value: Ending & { steps?: readonly StepRecord[] } }
  | { kind: 'submit'; value: PaperSubmission };

function createHarness(overrides: Partial<ExecuteRunOptions> = {}) {
  const writes: Write[] = [];
  const options: ExecuteRunOptions = {
    store: {
      checkpoint: (value) => {
        writes.push({ kind: 'checkpoint', value });
        return Promise.resolve(value.intent ? { intent: value.intent, state: 'intent' } : null);
      },
      finish: (value) => {
        writes.push({ kind: 'finish', value });
        return Promise.resolve();
      },
      submitToPaperBroker: (value) => {
        writes.push({ kind: 'submit', value });
        return Promise.resolve({ fresh: true, position: null, realisedPnl: '0' });
      },
    },
    bars: risingSource,
    feeModel: DEFAULT_FEE_MODEL,
    monotonicMs: () => 0,
    ...overrides,
  };
  return { options, writes };
}

const never = new AbortController().signal;

describe('executeRun', () => {
  it('commits steps and intent before it submits, and fills at the open of the next bar, moved against us', async () => {
    const { options, writes } = createHarness();
    const result = await executeRun(buildClaimedExecution(), never, options);

    expect(writes.map(({ kind }) => kind)).toEqual(['checkpoint', 'submit']);
    expect(result.steps.map(({ agent, status }) => `${agent} ${status}`)).toEqual([
      'market_data continue',
      'bias continue',
      'strategy continue',
      'risk_manager continue',
      'order_manager continue',
    ]);
    const nextBar = RISING_BARS.at(-1);
    expect(result.fill?.filledAt).toBe(nextBar?.start);
    expect(Number(result.fill?.price)).toBeCloseTo((nextBar?.open ?? 0) * 1.0003, 6);
    expect(result.order).toMatchObject({ side: 'BUY', status: 'filled' });
  });

  it('ends a run that an agent stops with one write, which says why', async () => {
    const { options, writes } = createHarness({ bars: createBarSource([], MOCK_MARKET) });
    const result = await executeRun(buildClaimedExecution(), never, options);
    expect(writes.map(({ kind }) => kind)).toEqual(['finish']);
    expect(result).toMatchObject({ status: 'completed', stopReason: 'market_data_missing', order: null });
    expect(writes[0]?.value).toMatchObject({ stopReason: 'market_data_missing', steps: [{ agent: 'market_data' }] });
  });

  it('lets an order rest when its next bar has not begun', async () => {
    const bars = createBarSource(
      [{ ticker: '^SPX', timeframe: '1d', bars: RISING_BARS.slice(0, -1), rejected: [] }],
      MOCK_MARKET,
    );
    const { options, writes } = createHarness({ bars });
    const result = await executeRun(buildClaimedExecution(), never, options);
    expect(result.order?.status).toBe('accepted');
    expect(writes.at(-1)).toMatchObject({ kind: 'submit', value: { fill: null } });
  });

  it('submits the stored intent on a second attempt, whatever the agents would say now', async () => {
    const run = buildClaimedExecution();
    const first = runAgents(run, risingSource, () => 0);
    const intent = { ...first.intent!, quantity: '3' };
    const { options, writes } = createHarness({
      bars: createBarSource(
        [{ ticker: '^SPX', timeframe: '1d', bars: RISING_BARS.slice(-1), rejected: [] }],
        MOCK_MARKET,
      ),
    });
    const second = buildClaimedExecution({ attempt: 2, steps: first.steps, intent: { intent, state: 'intent' } });
    const result = await executeRun(second, never, options);
    expect(result.order).toMatchObject({ quantity: '3', status: 'filled', clientOrderId: intent.clientOrderId });
    expect(writes.at(-1)).toMatchObject({ kind: 'submit', value: { order: { quantity: '3' } } });
  });

  it('lets the intent that the store holds win over the one it has just planned', async () => {
    const { options, writes } = createHarness();
    const store = {
      ...options.store,
      checkpoint: (value: Checkpoint) =>
        Promise.resolve({ intent: { ...value.intent!, quantity: '7' }, state: 'intent' as const }),
    };
    const result = await executeRun(buildClaimedExecution(), never, { ...options, store });
    expect(result.order?.quantity).toBe('7');
    expect(writes.map(({ kind }) => kind)).toEqual(['submit']);
  });

  it('submits nothing once the lease is lost', async () => {
    const lost = new AbortController();
    const { options, writes } = createHarness();
    const store = {
      ...options.store,
      checkpoint: (value: Checkpoint) => {
        lost.abort(new Error('lease lost'));
        return options.store.checkpoint(value);
      },
    };
    await expect(executeRun(buildClaimedExecution(), lost.signal, { ...options, store })).rejects.toThrow('lease lost');
    expect(writes.map(({ kind }) => kind)).toEqual(['checkpoint']);
  });

  it('names its order after the run, so that every attempt sends the same one', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async (attempt) => {
        const result = await executeRun(buildClaimedExecution({ attempt }), never, createHarness().options);
        return result.order?.clientOrderId;
      }),
    );
    expect(new Set(ids)).toEqual(new Set([`${buildClaimedExecution().executionId}-5-1`]));
  });
});
