import { executionIdOf, type Pipeline } from '@tripline/triggers';
import { buildPipeline, buildSignal } from '@tripline/testing';

import type {
  AuditSnapshot,
  BrokerEntry,
  ExecutionRow,
  IntentRow,
  DecisionLogRow,
  TopicRecord,
} from './audit-snapshot';
import { checkSnapshot, type CheckOptions } from './check';

/**
 * Two signals for one pipeline: the first triggered an execution with an order, the second was skipped. One record is
 * poison.
 */
const PIPELINE: Pipeline = buildPipeline({ tickers: ['MOCK-01'] });
const OTHER: Pipeline = buildPipeline({ tickers: ['MOCK-02'] });
const FIRST = buildSignal({ tickers: [{ ticker: 'MOCK-01', signal: 'BULLISH', confidence: 50 }] });
const SECOND = { ...FIRST, signalId: buildSignal().signalId };
const RUN: ExecutionRow = {
  id: executionIdOf(PIPELINE.id, FIRST.signalId),
  pipelineId: PIPELINE.id,
  pipelineVersion: 1,
  signalId: FIRST.signalId,
  status: 'completed',
  stopReason: null,
  overlapKey: '',
  slot: 0,
  activeFrom: 1_000,
  finishedAt: 2_000,
};
const TRIGGERED: DecisionLogRow = {
  pipelineId: PIPELINE.id,
  pipelineVersion: 1,
  signalId: FIRST.signalId,
  triggerMode: 'signal',
  outcome: 'TRIGGERED',
  reason: 'trigger_accepted',
  executionId: RUN.id,
  partition: 0,
  offset: 5n,
  decidedAt: 1_000,
};
const SKIPPED: DecisionLogRow = {
  ...TRIGGERED,
  signalId: SECOND.signalId,
  outcome: 'SKIPPED_ACTIVE',
  reason: 'execution_active',
  executionId: null,
  offset: 6n,
  decidedAt: 1_500,
};
const RECORD: TopicRecord = { topic: 't', partition: 0, offset: 5n, appendedAt: 900, signal: FIRST };
const INTENT: IntentRow = {
  clientOrderId: `${RUN.id}-5-1`,
  executionId: RUN.id,
  params: 'buy 5',
  state: 'acked',
  createdAt: 1_100,
};
const ORDER: BrokerEntry = {
  clientOrderId: INTENT.clientOrderId,
  executionId: RUN.id,
  params: 'buy 5',
  accepted: true,
  at: 1_200,
};
const LATER: ExecutionRow = {
  ...RUN,
  id: executionIdOf(PIPELINE.id, SECOND.signalId),
  signalId: SECOND.signalId,
  activeFrom: 3_000,
  finishedAt: 4_000,
};
const LATER_TRIGGERED: DecisionLogRow = { ...SKIPPED, outcome: 'TRIGGERED', executionId: LATER.id, decidedAt: 3_000 };

const always = (pipeline: Pipeline) => ({ pipeline, validFrom: -Infinity, validTo: Infinity });

const TRUE_BOOKS: AuditSnapshot = {
  published: [FIRST, SECOND].map(({ signalId }) => ({ signalId, acked: true })),
  records: [RECORD, { ...RECORD, offset: 6n, signal: SECOND }, { ...RECORD, offset: 7n, signal: null }],
  pipelines: [always(PIPELINE), always(OTHER)],
  decisionLog: [TRIGGERED, SKIPPED],
  executions: [RUN],
  intents: [INTENT],
  broker: [ORDER],
  dead: [{ partition: 0, offset: 7n }],
  jobs: [{ jobId: `x_${RUN.id}_1`, state: 'completed' }],
  lag: 0,
  zombies: null,
  notifications: null,
};

function findings(change: Partial<AuditSnapshot> = {}, options: CheckOptions = {}): string[] {
  const { violations } = checkSnapshot({ ...TRUE_BOOKS, ...change }, options);
  return violations.map(({ check, harm }) => `${check} ${harm}`);
}

describe('checkBooks', () => {
  it('finds nothing when everything is accounted for', () => {
    expect(checkSnapshot(TRUE_BOOKS)).toEqual({
      violations: [],
      summary: { lost: 0, doubled: 0, stuck: 0, broken: 0 },
      byCheck: {},
    });
  });

  it('expects a decision about a private signal from its owner only, and finds one of another user unfounded', () => {
    const privately = (owner: string): Partial<AuditSnapshot> => ({
      records: TRUE_BOOKS.records.map((record) =>
        record.signal === null ? record : { ...record, signal: { ...record.signal, owner } },
      ),
    });
    expect(findings(privately(PIPELINE.userId))).toEqual([]);
    expect(findings({ ...privately(PIPELINE.userId), decisionLog: [TRIGGERED] })).toEqual(['A2 lost']);
    expect(findings(privately('somebody else'))).toEqual(['A2 doubled', 'A2 doubled']);
    const untouched = { decisionLog: [], executions: [], intents: [], broker: [], jobs: [] };
    expect(findings({ ...privately('somebody else'), ...untouched })).toEqual([]);
  });

  it('finds nothing when a signal is in the topic twice and is decided once', () => {
    const records = [...TRUE_BOOKS.records, { ...RECORD, offset: 8n, appendedAt: 5_000 }];
    expect(findings({ records })).toEqual([]);
  });

  it('accepts executions without a signal', () => {
    const id = executionIdOf(PIPELINE.id, 'tick');
    const decisionLog: DecisionLogRow = {
      ...TRIGGERED,
      signalId: 'tick',
      triggerMode: 'periodic',
      executionId: id,
      partition: null,
      offset: null,
    };
    const run = { ...RUN, id, signalId: 'tick', activeFrom: 2_000, finishedAt: 3_000 };
    expect(findings({ decisionLog: [...TRUE_BOOKS.decisionLog, decisionLog], executions: [RUN, run] })).toEqual([]);
  });

  it('accepts the firing of an absence rule', () => {
    const rule = { kind: 'absence', conditions: [], count: 1, withinMs: 1_000, noneOf: [] } as const;
    const id = executionIdOf(PIPELINE.id, 'deadline');
    const fired: DecisionLogRow = {
      ...TRIGGERED,
      signalId: 'deadline',
      executionId: id,
      partition: null,
      offset: null,
    };
    const run = { ...RUN, id, signalId: 'deadline', activeFrom: 2_000, finishedAt: 3_000 };
    const snapshot = { decisionLog: [...TRUE_BOOKS.decisionLog, fired], executions: [RUN, run] };
    expect(findings({ ...snapshot, pipelines: [always({ ...PIPELINE, rule })] })).toEqual([]);
    expect(findings(snapshot)).toEqual(['A2 doubled']);
  });

  it('names the ids and describes the violation in a sentence', () => {
    const { violations } = checkSnapshot({ ...TRUE_BOOKS, decisionLog: [TRIGGERED] });
    expect(violations).toEqual([
      {
        check: 'A2',
        harm: 'lost',
        ids: [PIPELINE.id, SECOND.signalId],
        text: `signal ${SECOND.signalId} at 0/6 matches pipeline ${PIPELINE.id} but has no decision`,
      },
    ]);
  });

  it('skips the checks that do not apply', () => {
    expect(findings({ lag: 3 }, { skip: ['A5'] })).toEqual([]);
  });
});

describe('A2 and pipelines that change', () => {
  const NARROW: Pipeline = { ...PIPELINE, version: 2, tickers: ['MOCK-09'] };

  it('expects no decision when the version in force at the decision did not match', () => {
    const pipelines = [
      { ...always(PIPELINE), validTo: 800 },
      { ...always(NARROW), validFrom: 800 },
    ];
    expect(findings({ pipelines, decisionLog: [TRIGGERED], executions: [RUN] }, { indexLagMs: 0 })).toEqual([]);
  });

  it('expects the decision when every version that may have been in force matches', () => {
    const pipelines = [
      { ...always(PIPELINE), validTo: 8_000 },
      { ...always(NARROW), validFrom: 8_000 },
    ];
    const later = { ...SKIPPED, signalId: 'x', pipelineId: 'gone', offset: 9n, decidedAt: 4_000 };
    const decisionLog = [TRIGGERED, later];
    expect(findings({ pipelines, decisionLog })).toContain('A2 lost');
  });
});

describe('a planted loss is found:', () => {
  it('an acknowledged signal that is not in the topic', () => {
    const published = [...TRUE_BOOKS.published, { signalId: 'gone', acked: true }, { signalId: 'asked', acked: false }];
    expect(findings({ published })).toEqual(['A1 lost']);
  });

  it('a signal without a decision for a pipeline it matches', () => {
    expect(findings({ decisionLog: [TRIGGERED] })).toEqual(['A2 lost']);
  });

  it('poison that is not among the dead signals', () => {
    expect(findings({ dead: [] })).toEqual(['A6 lost']);
  });

  it('a trigger whose execution does not exist', () => {
    expect(findings({ executions: [], intents: [], broker: [], jobs: [] })).toEqual(['A3 lost']);
  });

  it('a recorded order that the broker does not have', () => {
    expect(findings({ broker: [] })).toEqual(['A4 lost']);
  });

  it('an ended execution without a notification', () => {
    expect(findings({ notifications: [] })).toEqual(['N1 lost']);
  });
});

describe('a planted double is found:', () => {
  it('a second decision for one pair, or one that is unfounded', () => {
    expect(findings({ decisionLog: [TRIGGERED, SKIPPED, SKIPPED] })).toEqual(['A2 doubled']);
    expect(findings({ decisionLog: [TRIGGERED, SKIPPED, { ...SKIPPED, signalId: 'not-in-topic' }] })).toEqual([
      'A2 doubled',
    ]);
    expect(findings({ decisionLog: [TRIGGERED, SKIPPED, { ...SKIPPED, pipelineId: OTHER.id }] })).toEqual([
      'A2 doubled',
    ]);
  });

  it('a second execution for one trigger', () => {
    expect(findings({ executions: [RUN, { ...RUN, id: 'run-2', activeFrom: 3_000, finishedAt: 4_000 }] })).toEqual([
      'A3 doubled',
      'A3 doubled',
    ]);
  });

  it('two overlapping executions of one pipeline, also within a longer earlier one', () => {
    const decisionLog = [TRIGGERED, LATER_TRIGGERED];
    expect(findings({ decisionLog, executions: [{ ...LATER, activeFrom: 1_999 }, RUN] })).toEqual(['A3 doubled']);
    expect(findings({ decisionLog, executions: [LATER, RUN] })).toEqual([]);
  });

  it('an order accepted twice, one more than allowed, or one without an execution', () => {
    const second: BrokerEntry = { ...ORDER, clientOrderId: `${RUN.id}-5-2` };
    expect(findings({ broker: [ORDER, ORDER] })).toEqual(['A4 doubled']);
    expect(findings({ broker: [ORDER, { ...ORDER, accepted: false }] })).toEqual([]);
    expect(findings({ broker: [ORDER, second] })).toEqual(['A4 doubled', 'A4 broken']);
    expect(findings({ broker: [ORDER, { ...second, executionId: 'none' }] })).toEqual(['A4 doubled', 'A4 broken']);
  });

  it('an order filled beyond its quantity, or with fills that do not add up', () => {
    const filled = { ...ORDER, quantity: '5', filledQuantity: '5' };
    expect(findings({ broker: [{ ...filled, filledByFills: '5' }] })).toEqual([]);
    expect(findings({ broker: [{ ...filled, filledQuantity: '10', filledByFills: '10' }] })).toEqual(['A4 doubled']);
    expect(findings({ broker: [{ ...filled, filledByFills: '0' }] })).toEqual(['A4 doubled']);
  });

  it('an accepted write without the lease', () => {
    expect(findings({ zombies: { attempted: 2, rejected: 2 } }, { zombiesExpected: true })).toEqual([]);
    expect(findings({ zombies: { attempted: 2, rejected: 1 } }, { zombiesExpected: true })).toEqual(['A7 doubled']);
    expect(findings({ zombies: { attempted: 0, rejected: 0 } }, { zombiesExpected: true })).toEqual(['A7 broken']);
  });
});

describe('overlap policies', () => {
  const decisionLog = [TRIGGERED, LATER_TRIGGERED];
  const overlapping = { ...LATER, activeFrom: 1_500 };
  const withPolicy = (policy: Pipeline['overlap']) => ({
    pipelines: [always({ ...PIPELINE, overlap: policy })],
    decisionLog,
  });

  it('allow two concurrent executions in two slots for parallel(2), and no third', () => {
    const snapshot = withPolicy({ policy: 'parallel', key: 'pipeline', limit: 2, ttlMs: 0 });
    expect(findings({ ...snapshot, executions: [RUN, { ...overlapping, slot: 1 }] })).toEqual([]);
    expect(findings({ ...snapshot, executions: [RUN, { ...overlapping, slot: 0 }] })).toEqual(['A3 doubled']);
  });

  it('allow executions of different keys to overlap', () => {
    const snapshot = withPolicy({ policy: 'skip', key: 'ticker', limit: 1, ttlMs: 0 });
    expect(findings({ ...snapshot, executions: [RUN, { ...overlapping, overlapKey: 'MOCK-02' }] })).toEqual([]);
  });

  it('count an execution from its promotion, and ignore one superseded in the queue', () => {
    const snapshot = withPolicy({ policy: 'queue_latest', key: 'pipeline', limit: 1, ttlMs: 0 });
    expect(findings({ ...snapshot, executions: [RUN, { ...LATER, activeFrom: 2_000 }] })).toEqual([]);
    const superseded: ExecutionRow = { ...LATER, status: 'skipped', slot: null, activeFrom: null, finishedAt: 1_900 };
    expect(findings({ ...snapshot, executions: [RUN, superseded] })).toEqual([]);
  });
});

describe('a planted stop is found:', () => {
  it('records that were never decided', () => {
    expect(findings({ lag: 3 })).toEqual(['A5 stuck']);
  });

  it('an execution, or an intent, that does not end', () => {
    expect(findings({ executions: [{ ...RUN, status: 'running', finishedAt: null }] })).toEqual(['A5 stuck']);
    expect(findings({ intents: [{ ...INTENT, state: 'intent' }] })).toEqual(['A5 stuck']);
  });

  it('a job that waits, has no execution or is queued twice', () => {
    const jobId = `x_${RUN.id}_1`;
    expect(findings({ jobs: [{ jobId, state: 'waiting' }] })).toEqual(['A5 stuck']);
    expect(findings({ jobs: [{ jobId: 'x_none_1', state: 'completed' }] })).toEqual(['A5 stuck']);
    expect(findings({ jobs: [{ jobId: '4711', state: 'completed' }] })).toEqual(['A5 stuck']);
    expect(findings({ jobs: [1, 1].map(() => ({ jobId, state: 'completed' })) })).toEqual(['A5 doubled']);
  });
});

describe('a broken guarantee is found:', () => {
  it('a dead signal that is not poison', () => {
    expect(findings({ dead: [...TRUE_BOOKS.dead, { partition: 0, offset: 5n }] })).toEqual(['A6 broken']);
    expect(findings({ dead: [...TRUE_BOOKS.dead, ...TRUE_BOOKS.dead] })).toEqual(['A6 doubled']);
  });

  it('a trigger that overtook another in the log', () => {
    const decisionLog = [TRIGGERED, { ...LATER_TRIGGERED, decidedAt: 500 }];
    const executions = [RUN, { ...LATER, activeFrom: 500, finishedAt: 600 }];
    expect(findings({ decisionLog, executions })).toEqual(['A8 broken']);
  });

  it('an order that differs from its first intent', () => {
    expect(findings({ broker: [{ ...ORDER, params: 'buy 7' }] })).toEqual(['A4 broken']);
    const later: IntentRow = { ...INTENT, clientOrderId: `${RUN.id}-5-2`, createdAt: 1_300 };
    const broker = [{ ...ORDER, clientOrderId: later.clientOrderId }];
    expect(findings({ intents: [{ ...INTENT, state: 'abandoned' }, later], broker })).toEqual(['A4 broken']);
  });

  it('a notification of an uncommitted status, or under a second id', () => {
    const told = { eventId: 'n1', kind: 'execution_ended', executionId: RUN.id, status: 'completed' } as const;
    expect(findings({ notifications: [told, told] })).toEqual([]);
    expect(findings({ notifications: [told, { ...told, status: 'failed' }] })).toEqual(['N1 broken']);
    expect(findings({ notifications: [told, { ...told, eventId: 'n2' }] })).toEqual(['N1 doubled']);
  });
});
