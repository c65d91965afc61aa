import { acceptOrder, applyFillToOrder, type Fill, type OrderIntent } from '@tripline/trading';
import type { Pipeline } from '@tripline/triggers';

import {
  type ClaimedExecution,
  createExecutionStore,
  type DueExecution,
  type ExecutionStore,
  type OrderEnding,
  type StepRecord,
} from '@tripline/execution-store';
import type { Fixture } from './fixture';

export const CLAIM = { owner: 'test', leaseMs: 30_000 };

export const STEP: StepRecord = {
  stepNo: 1,
  agent: 'bias',
  status: 'continue',
  reason: null,
  message: null,
  output: { n: 1 },
  durationMs: 1.25,
  cost: '0.0001',
};

/** Claims an execution; throws when there is nothing to claim or it may not start. */
export async function claimed(store: ExecutionStore, run: DueExecution, options = CLAIM): Promise<ClaimedExecution> {
  const claim = await store.claim(run.executionId, run.generation, options);
  if (claim === null || 'denial' in claim) throw new Error(`not claimed: ${JSON.stringify(claim)}`);
  return claim;
}

/** The given number of claimed executions, each of its own pipeline. */
export async function claimedRuns(fixture: Fixture, count: number, overrides: Partial<Pipeline> = {}) {
  const runs: DueExecution[] = [];
  for (let n = 0; n < count; n += 1) runs.push(await fixture.addExecution(overrides));
  const store = createExecutionStore(fixture.database);
  return Promise.all(runs.map(async (run) => claimed(store, run)));
}

export function intentOf(executionId: string, overrides: Partial<OrderIntent> = {}): OrderIntent {
  return {
    clientOrderId: `${executionId}-5-1`,
    executionId,
    ticker: '^SPX',
    side: 'BUY',
    type: 'MARKET',
    quantity: '10',
    referencePrice: '100.5',
    stopPrice: '95.125',
    targetPrice: null,
    occurredAt: Date.UTC(2020, 0, 2),
    ...overrides,
  };
}

export function fillOf(intent: OrderIntent, overrides: Partial<Fill> = {}): Fill {
  return {
    clientOrderId: intent.clientOrderId,
    sequence: 1,
    ticker: intent.ticker,
    side: intent.side,
    quantity: intent.quantity,
    price: '100',
    fee: '1',
    slippageCost: '0.1',
    filledAt: Date.UTC(2020, 0, 3),
    ...overrides,
  };
}

/** The ending of an execution with a filled paper order. */
export function orderEnding(run: ClaimedExecution, overrides: Partial<OrderIntent> = {}): OrderEnding {
  const intent = intentOf(run.executionId, overrides);
  const fill = fillOf(intent);
  return {
    executionId: run.executionId,
    leaseToken: run.leaseToken,
    pipelineId: run.pipelineId,
    status: 'completed',
    cost: '0.0005',
    steps: [STEP],
    hasIntent: run.intent !== null,
    order: applyFillToOrder(acceptOrder(intent), fill),
    fill,
    venue: run.pipeline.venue,
    isChecked: true,
    freshUntil: run.freshUntil,
    account: run.account,
    positions: run.positions,
  };
}
