import type { Pipeline, Signal } from '@tripline/domain';
import { buildPipeline, buildSignal } from '@tripline/testing';

import type { Books, ExecutionRow, LedgerRow, OrderRow } from './read-books';
import type { TopicContents } from './read-topic';
import { recount } from './recount';

/** Two signals for one pipeline: the first triggered a run with an order, the second was skipped. One record is dead. */
const PIPELINE: Pipeline = buildPipeline({ tickers: ['MOCK-01'] });
const OTHER: Pipeline = buildPipeline({ tickers: ['MOCK-02'] });
const [FIRST, SECOND] = ['MOCK-01', 'MOCK-01'].map((ticker) =>
  buildSignal({ tickers: [{ ticker, signal: 'BULLISH', confidence: 50 }] }),
) as [Signal, Signal];
const RUN: ExecutionRow = {
  id: 'run-1',
  pipelineId: PIPELINE.id,
  signalId: FIRST.signalId,
  status: 'completed',
  createdAt: 1_000,
  finishedAt: 2_000,
};
const TRIGGERED: LedgerRow = {
  pipelineId: PIPELINE.id,
  signalId: FIRST.signalId,
  triggerMode: 'signal',
  outcome: 'TRIGGERED',
  executionId: RUN.id,
};
const SKIPPED: LedgerRow = {
  ...TRIGGERED,
  signalId: SECOND.signalId,
  outcome: 'SKIPPED_ACTIVE',
  executionId: null,
};
const ORDER: OrderRow = {
  clientOrderId: 'order-1',
  executionId: RUN.id,
  quantity: '5',
  filledQuantity: '5',
  filledByFills: '5',
};

interface World {
  readonly signals: readonly Signal[];
  readonly dead: readonly string[];
  readonly books: Books;
  readonly expected: readonly string[];
}

const TRUE_WORLD: World = {
  signals: [FIRST, SECOND],
  dead: ['0/7'],
  books: {
    ledger: [TRIGGERED, SKIPPED],
    executions: [RUN],
    orders: [ORDER],
    deadOffsets: new Set(['0/7']),
    pnl: '12.34',
  },
  expected: [FIRST.signalId, SECOND.signalId],
};

function recountOf(change: Partial<Omit<World, 'books'>> & { readonly books?: Partial<Books> } = {}) {
  const world = { ...TRUE_WORLD, ...change };
  const topic: TopicContents = {
    records: world.signals.length + world.dead.length,
    signals: new Map(world.signals.map((signal) => [signal.signalId, signal])),
    duplicateRecords: 0,
    deadOffsets: new Set(world.dead),
  };
  return recount(topic, { ...TRUE_WORLD.books, ...change.books }, [PIPELINE, OTHER], world.expected);
}

describe('recount', () => {
  it('finds nothing where everything is accounted for, and counts it', () => {
    expect(recountOf()).toEqual({
      signals: 2,
      signalsByType: { golden_cross: 2 },
      decisions: 2,
      decisionsByOutcome: { SKIPPED_ACTIVE: 1, TRIGGERED: 1 },
      executions: 1,
      executionsByStatus: { completed: 1 },
      orders: 1,
      pnl: '12.34',
      lost: 0,
      doubled: 0,
      findings: [],
    });
  });

  it('takes a run of another trigger, beside a signal run of the same pipeline that has ended, for what it is', () => {
    const periodic: ExecutionRow = { ...RUN, id: 'run-2', signalId: 'tick', createdAt: 2_000, finishedAt: 3_000 };
    const decision: LedgerRow = { ...TRIGGERED, signalId: 'tick', triggerMode: 'periodic', executionId: 'run-2' };
    const books = { ledger: [TRIGGERED, SKIPPED, decision], executions: [RUN, periodic] };
    expect(recountOf({ books })).toMatchObject({ lost: 0, doubled: 0 });
  });
});

describe('a planted loss is found:', () => {
  it('a signal that was never published', () => {
    const result = recountOf({ expected: [...TRUE_WORLD.expected, 'missing-id'] });
    expect(result).toMatchObject({ lost: 1, doubled: 0, findings: ['lost: signal missing-id was never published'] });
  });

  it('a signal without a decision for a pipeline it matches', () => {
    const result = recountOf({ books: { ledger: [TRIGGERED] } });
    expect(result).toMatchObject({ lost: 1, doubled: 0 });
    expect(result.findings[0]).toContain(SECOND.signalId);
  });

  it('a dead record that is not among the dead signals', () => {
    const result = recountOf({ books: { deadOffsets: new Set(['0/8']) } });
    expect(result).toMatchObject({ lost: 1, doubled: 0 });
    expect(result.findings[0]).toContain('0/7');
  });

  it('a trigger whose execution does not exist', () => {
    const result = recountOf({ books: { executions: [], orders: [] } });
    expect(result).toMatchObject({ lost: 1, doubled: 0 });
    expect(result.findings[0]).toContain('its execution does not exist');
  });
});

describe('a planted double is found:', () => {
  const LATER: ExecutionRow = { ...RUN, id: 'run-2', createdAt: 3_000, finishedAt: 4_000 };

  it('a second execution for one trigger', () => {
    const result = recountOf({ books: { executions: [RUN, LATER] } });
    expect(result.lost).toBe(0);
    expect(result.doubled).toBeGreaterThan(0);
    expect(result.findings.join()).toContain('run-2');
  });

  it('two runs of one pipeline at the same time', () => {
    const overlapping: ExecutionRow = { ...LATER, signalId: SECOND.signalId, createdAt: 1_999 };
    const ledger = [TRIGGERED, { ...TRIGGERED, signalId: SECOND.signalId, executionId: 'run-2' }];
    const result = recountOf({ books: { ledger, executions: [overlapping, RUN] } });
    expect(result).toMatchObject({ lost: 0, doubled: 1 });
    expect(result.findings[0]).toContain('overlap');
  });

  it('a run that began while one before its predecessor was still open', () => {
    const third = buildSignal({ tickers: [{ ticker: 'MOCK-01', signal: 'BULLISH', confidence: 50 }] });
    const long: ExecutionRow = { ...RUN, finishedAt: 9_000 };
    const short: ExecutionRow = { ...RUN, id: 'run-2', signalId: SECOND.signalId, createdAt: 1_500, finishedAt: 1_600 };
    const last: ExecutionRow = { ...RUN, id: 'run-3', signalId: third.signalId, createdAt: 5_000, finishedAt: 6_000 };
    const ledger = [
      TRIGGERED,
      { ...TRIGGERED, signalId: SECOND.signalId, executionId: 'run-2' },
      { ...TRIGGERED, signalId: third.signalId, executionId: 'run-3' },
    ];
    const result = recountOf({
      signals: [FIRST, SECOND, third],
      books: { ledger, executions: [long, short, last] },
    });
    expect(result).toMatchObject({ lost: 0, doubled: 2 });
  });

  it('a second order of one execution', () => {
    const result = recountOf({ books: { orders: [ORDER, { ...ORDER, clientOrderId: 'order-2' }] } });
    expect(result).toMatchObject({ lost: 0, doubled: 1 });
    expect(result.findings[0]).toContain('order-2');
  });

  it('an order of an execution that does not exist', () => {
    const result = recountOf({
      books: { orders: [ORDER, { ...ORDER, clientOrderId: 'order-2', executionId: 'none' }] },
    });
    expect(result).toMatchObject({ lost: 0, doubled: 1 });
  });

  it('an order filled beyond its quantity, or with other fills than it says', () => {
    expect(recountOf({ books: { orders: [{ ...ORDER, filledQuantity: '10', filledByFills: '10' }] } }).doubled).toBe(1);
    expect(recountOf({ books: { orders: [{ ...ORDER, filledByFills: '0' }] } }).doubled).toBe(1);
  });

  it('a decision about a signal that is not in the topic, or for a pipeline it does not match', () => {
    const unknown: LedgerRow = { ...SKIPPED, signalId: 'not-in-topic' };
    const mismatched: LedgerRow = { ...SKIPPED, pipelineId: OTHER.id };
    const result = recountOf({ books: { ledger: [TRIGGERED, SKIPPED, unknown, mismatched] } });
    expect(result).toMatchObject({ lost: 0, doubled: 2 });
  });
});
