import type { OrderIntent } from '@tripline/trading';

import { buildClaimedExecution, risingSource } from '../../test/claimed-execution';
import { type Broker, type BrokerAnswer, BrokerRateLimitedError } from '../orders/broker';
import type { HeldLease } from './lease-keeper';
import { runAgents } from './run-agents';
import { sendToBroker, type SendOptions } from './send-to-broker';

const TRACE = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
const FILLED: BrokerAnswer = { status: 'filled', price: '250', fee: '1', filledAt: 0 };
const first = buildClaimedExecution({ traceparent: TRACE });
const plan = runAgents(first, risingSource, () => 0);
const intent: OrderIntent = plan.intent!;

function createHarness(known: BrokerAnswer | null, overrides: Partial<SendOptions> = {}) {
  const calls: string[] = [];
  const broker: Broker = {
    answersWithinMs: 40,
    find: (id) => {
      calls.push(`find ${id}`);
      return Promise.resolve(known);
    },
    submit: ({ quantity }, { traceId, validUntil }) => {
      calls.push(`submit ${quantity} ${traceId} until ${validUntil}`);
      return Promise.resolve(FILLED);
    },
  };
  const lease: HeldLease = {
    throwIfLost: () => undefined,
    ensure: (ms) => {
      calls.push(`ensure ${ms}`);
      return Promise.resolve();
    },
    beginEnding: () => undefined,
    release: () => undefined,
  };
  const store: SendOptions['store'] = {
    checkpoint: (checkpoint) => {
      calls.push('checkpoint');
      return Promise.resolve({
        denial: null,
        intent: { intent: checkpoint.intent, state: 'submitted', submittedAt: 1_000 },
      });
    },
  };
  return { calls, options: { store, broker, lease, leaseForOrderMs: 4_000, ...overrides } };
}

describe('sendToBroker', () => {
  it("commits the intent before it sends the order with the execution's trace", async () => {
    const { calls, options } = createHarness(null);
    const sent = await sendToBroker(first, plan, intent, options);
    expect(calls).toEqual(['checkpoint', 'ensure 4000', `submit ${intent.quantity} ${'ab'.repeat(16)} until 1040`]);
    expect(sent.result?.order).toMatchObject({ status: 'filled', averageFillPrice: '250' });
  });

  it('sends the stored intent instead of the newly planned one', async () => {
    const stored = { ...intent, quantity: '7' };
    const store: SendOptions['store'] = {
      checkpoint: () =>
        Promise.resolve({ denial: null, intent: { intent: stored, state: 'submitted', submittedAt: 1_000 } }),
    };
    const { calls, options } = createHarness(null, { store });
    const sent = await sendToBroker(first, plan, intent, options);
    expect(calls.at(-1)).toContain('submit 7');
    expect(sent.result?.order.quantity).toBe('7');
  });

  it('adopts the order of an earlier attempt instead of sending another one', async () => {
    const { calls, options } = createHarness(FILLED);
    const run = { ...first, attempt: 2, intent: { intent, state: 'submitted' as const, ageMs: 60_000 } };
    const sent = await sendToBroker(run, plan, intent, options);
    expect(calls).toEqual([`find ${intent.clientOrderId}`]);
    expect(sent.result?.order.status).toBe('filled');
  });

  it('sends the order when the broker does not know it from an earlier attempt', async () => {
    const { calls, options } = createHarness(null);
    const run = { ...first, attempt: 2, intent: { intent, state: 'submitted' as const, ageMs: 60_000 } };
    await sendToBroker(run, plan, intent, options);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['find', 'checkpoint', 'ensure', 'submit']);
  });

  it.each([
    ['waits until no earlier submission is valid', 1_020, ['find', 'find', 'checkpoint', 'ensure', 'submit']],
    ['does not wait when no earlier submission can be in flight', 1_041, ['find', 'checkpoint', 'ensure', 'submit']],
  ])('%s before it sends an order again', async (_, ageMs, expected) => {
    const { calls, options } = createHarness(null);
    const startedAt = performance.now();
    await sendToBroker({ ...first, attempt: 2, intent: { intent, state: 'submitted', ageMs } }, plan, intent, options);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(expected);
    if (expected.length === 5) expect(performance.now() - startedAt).toBeGreaterThan(15);
  });

  it('adopts an order that reached the broker during the wait', async () => {
    const answers = [null, FILLED];
    const { calls, options } = createHarness(null);
    const broker = { ...options.broker, find: () => Promise.resolve(answers.shift() ?? null) };
    const run = { ...first, attempt: 2, intent: { intent, state: 'submitted' as const, ageMs: 1_020 } };
    const sent = await sendToBroker(run, plan, intent, { ...options, broker });
    expect(sent.result?.order.status).toBe('filled');
    expect(calls).toEqual([]);
  });

  it('sends nothing when the order is denied as the intent is committed', async () => {
    const store: SendOptions['store'] = {
      checkpoint: () => Promise.resolve({ denial: 'halted_venue', intent: null }),
    };
    const { calls, options } = createHarness(null, { store });
    expect(await sendToBroker(first, plan, intent, options)).toEqual({ denial: 'halted_venue', result: null });
    expect(calls).toEqual([]);
  });

  it('sends nothing when the lease would not outlast the answer', async () => {
    const { calls, options } = createHarness(null);
    const lease = {
      ...options.lease,
      ensure: () => Promise.reject(new Error('the lease could not be renewed in time')),
    };
    await expect(sendToBroker(first, plan, intent, { ...options, lease })).rejects.toThrow('in time');
    expect(calls).toEqual(['checkpoint']);
  });

  it('waits out a rate limit and repeats the checks before it sends', async () => {
    const { calls, options } = createHarness(null);
    const limits = [new BrokerRateLimitedError(20)];
    const broker: Broker = {
      ...options.broker,
      submit: async (order, context) => {
        const limit = limits.shift();
        if (limit !== undefined) throw limit;
        return options.broker.submit(order, context);
      },
    };
    const startedAt = performance.now();
    const sent = await sendToBroker(first, plan, intent, { ...options, broker });
    expect(performance.now() - startedAt).toBeGreaterThan(15);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['checkpoint', 'ensure', 'checkpoint', 'ensure', 'submit']);
    expect(sent.result?.order.status).toBe('filled');
  });

  it('releases the execution without a second try when the pause is long', async () => {
    const { options } = createHarness(null);
    const broker: Broker = { ...options.broker, submit: () => Promise.reject(new BrokerRateLimitedError(60_000)) };
    await expect(sendToBroker(first, plan, intent, { ...options, broker })).rejects.toMatchObject({
      code: 'broker_rate_limited',
    });
  });
});
