import { DEFAULT_FEE_MODEL } from '@tripline/trading';
import { LeaseLostError } from '@tripline/database';
import type { Checkpoint, Ending, OrderEnding } from '@tripline/execution-store';

import { buildClaimedExecution, MOCK_MARKET, RISING_BARS, risingSource } from '../../test/claimed-execution';
import { createBarSource } from '../market-data/bar-source';
import { type Broker, BrokerCredentialsError } from '../orders/broker';
import { executeRun, type ExecuteRunOptions } from './execute-run';
import type { HeldLease } from './lease-keeper';
import { runAgents } from './run-agents';

type Write =
  { kind: 'checkpoint'; value: Checkpoint } | { kind: 'finish'; value: Ending } | { kind: 'order'; value: OrderEnding };

function createHarness(overrides: Partial<ExecuteRunOptions> = {}) {
  const writes: Write[] = [];
  const options: ExecuteRunOptions = {
    store: {
      checkpoint: (value) => {
        writes.push({ kind: 'checkpoint', value });
        return Promise.resolve({
          denial: null,
          intent: { intent: value.intent, state: 'submitted', submittedAt: 1_000 },
        });
      },
      finish: (value) => {
        writes.push({ kind: 'finish', value });
        return Promise.resolve(ENDED);
      },
      finishWithOrder: (value) => {
        writes.push({ kind: 'order', value });
        return Promise.resolve(ENDED);
      },
    },
    bars: risingSource,
    feeModel: DEFAULT_FEE_MODEL,
    leaseForOrderMs: 4_000,
    venueOf: (venue) => (venue === 'paper' ? { kind: 'internal' } : undefined),
    monotonicMs: () => 0,
    ...overrides,
  };
  return { options, writes };
}

const ENDED = { denial: null, position: null, realisedPnl: '0' };
const HELD: HeldLease = {
  throwIfLost: () => undefined,
  ensure: () => Promise.resolve(),
  beginEnding: () => undefined,
  release: () => undefined,
};

describe('executeRun', () => {
  it('writes steps, intent and order at once, and fills at the open of the next bar with slippage against us', async () => {
    const { options, writes } = createHarness();
    const result = await executeRun(buildClaimedExecution(), HELD, options);

    expect(writes.map(({ kind }) => kind)).toEqual(['order']);
    expect(writes[0]?.value).toMatchObject({ isChecked: true, venue: 'paper', steps: result.steps });
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

  it('ends an execution that an agent stops in one write with the reason', async () => {
    const { options, writes } = createHarness({ bars: createBarSource([], MOCK_MARKET) });
    const result = await executeRun(buildClaimedExecution(), HELD, options);
    expect(writes.map(({ kind }) => kind)).toEqual(['finish']);
    expect(result).toMatchObject({ status: 'completed', stopReason: 'market_data_missing', order: null });
    expect(writes[0]?.value).toMatchObject({ stopReason: 'market_data_missing', steps: [{ agent: 'market_data' }] });
  });

  it('leaves an order resting until its next bar begins', async () => {
    const bars = createBarSource(
      [{ ticker: '^SPX', timeframe: '1d', bars: RISING_BARS.slice(0, -1), rejected: [] }],
      MOCK_MARKET,
    );
    const { options, writes } = createHarness({ bars });
    const result = await executeRun(buildClaimedExecution(), HELD, options);
    expect(result.order?.status).toBe('accepted');
    expect(writes.at(-1)).toMatchObject({ kind: 'order', value: { fill: null } });
  });

  it('submits the stored intent on a second attempt without asking the agents again', async () => {
    const run = buildClaimedExecution();
    const first = runAgents(run, risingSource, () => 0);
    const intent = { ...first.intent!, quantity: '3' };
    const { options, writes } = createHarness({
      bars: createBarSource(
        [{ ticker: '^SPX', timeframe: '1d', bars: RISING_BARS.slice(-1), rejected: [] }],
        MOCK_MARKET,
      ),
    });
    const second = buildClaimedExecution({
      attempt: 2,
      steps: first.steps,
      intent: { intent, state: 'intent', ageMs: 0 },
    });
    const result = await executeRun(second, HELD, options);
    expect(result.order).toMatchObject({ quantity: '3', status: 'filled', clientOrderId: intent.clientOrderId });
    expect(writes.at(-1)).toMatchObject({ kind: 'order', value: { order: { quantity: '3' } } });
  });

  it('writes nothing once the lease is lost', async () => {
    const { options, writes } = createHarness();
    const lease: HeldLease = {
      ...HELD,
      throwIfLost: () => {
        throw new LeaseLostError('e1');
      },
    };
    await expect(executeRun(buildClaimedExecution(), lease, options)).rejects.toBeInstanceOf(LeaseLostError);
    expect(writes).toEqual([]);
  });

  it('ends as skipped when the order is denied just before it is sent', async () => {
    const { options } = createHarness();
    const store = {
      ...options.store,
      finishWithOrder: () => Promise.resolve({ ...ENDED, denial: 'halted_user' as const }),
    };
    const result = await executeRun(buildClaimedExecution(), HELD, { ...options, store });
    expect(result).toMatchObject({ status: 'skipped', stopReason: 'halted_user', order: null, fill: null });
  });

  it('sends nothing to a venue without a broker', async () => {
    const { options, writes } = createHarness({ venueOf: () => undefined });
    const result = await executeRun(buildClaimedExecution(), HELD, options);
    expect(result).toMatchObject({ status: 'skipped', stopReason: 'venue_not_configured', order: null });
    expect(writes.map(({ kind }) => kind)).toEqual(['finish']);
  });

  it('derives the client order id from the execution, so every attempt sends the same order', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async (attempt) => {
        const result = await executeRun(buildClaimedExecution({ attempt }), HELD, createHarness().options);
        return result.order?.clientOrderId;
      }),
    );
    expect(new Set(ids)).toEqual(new Set([`${buildClaimedExecution().executionId}-5-1`]));
  });

  it('fails an execution without an order when the broker rejects our credentials', async () => {
    const broker: Broker = {
      answersWithinMs: 40,
      find: () => Promise.resolve(null),
      submit: () => Promise.reject(new BrokerCredentialsError(401)),
    };
    const { options, writes } = createHarness({ venueOf: () => ({ kind: 'external', broker }) });
    const result = await executeRun(buildClaimedExecution(), HELD, options);
    expect(result).toMatchObject({ status: 'failed', stopReason: 'broker_credentials_refused', order: null });
    expect(writes.map(({ kind }) => kind)).toEqual(['checkpoint', 'finish']);
  });
});
