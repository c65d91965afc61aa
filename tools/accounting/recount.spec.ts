import { executionIdOf, type Pipeline } from '@tripline/triggers';
import { buildPipeline, buildSignal } from '@tripline/testing';

import type { ExecutionRow, DecisionLogRow } from '@tripline/audit';
import type { StoredSnapshot } from './read-snapshot';
import type { TopicContents } from './read-topic';
import { recount } from './recount';

/** One signal that triggered an execution, and one dead record. The checker's own spec covers the other faults. */
const PIPELINE: Pipeline = buildPipeline({ tickers: ['MOCK-01'] });
const SIGNAL = buildSignal({ tickers: [{ ticker: 'MOCK-01', signal: 'BULLISH', confidence: 50 }] });
const RUN: ExecutionRow = {
  id: executionIdOf(PIPELINE.id, SIGNAL.signalId),
  pipelineId: PIPELINE.id,
  pipelineVersion: 1,
  signalId: SIGNAL.signalId,
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
  signalId: SIGNAL.signalId,
  triggerMode: 'signal',
  outcome: 'TRIGGERED',
  reason: 'trigger_accepted',
  executionId: RUN.id,
  partition: 0,
  offset: 6n,
  decidedAt: 1_000,
};
const RECORD = { topic: 't', partition: 0, offset: 6n, appendedAt: 900, signal: SIGNAL };
const TOPIC: TopicContents = {
  records: [RECORD, { ...RECORD, offset: 7n, signal: null }],
  signals: new Map([[SIGNAL.signalId, SIGNAL]]),
  duplicateRecords: 0,
};
const BOOKS: StoredSnapshot = {
  decisionLog: [TRIGGERED],
  executions: [RUN],
  intents: [],
  broker: [],
  dead: [{ partition: 0, offset: 7n }],
  notifications: null,
  pnl: '12.34',
};

describe('recount', () => {
  it('counts everything and finds no fault when all is accounted for', () => {
    expect(recount(TOPIC, BOOKS, [PIPELINE], [SIGNAL.signalId])).toEqual({
      signals: 1,
      signalsByType: { golden_cross: 1 },
      dead: 1,
      decisions: 1,
      decisionsByOutcome: { TRIGGERED: 1 },
      executions: 1,
      executionsByStatus: { completed: 1 },
      orders: 0,
      pnl: '12.34',
      lost: 0,
      doubled: 0,
      findings: [],
    });
  });

  it('reports a signal that was never published', () => {
    const { lost, findings } = recount(TOPIC, BOOKS, [PIPELINE], [SIGNAL.signalId, 'missing-id']);
    expect(lost).toBe(1);
    expect(findings[0]).toContain('missing-id');
  });

  it('reports an execution that started while another was active', () => {
    const late: ExecutionRow = { ...RUN, id: 'run-2', signalId: 'tick', activeFrom: 1_500 };
    const { doubled, findings } = recount(TOPIC, { ...BOOKS, executions: [RUN, late] }, [PIPELINE]);
    expect(doubled).toBeGreaterThan(0);
    expect(findings.join()).toContain('overlap');
  });
});
