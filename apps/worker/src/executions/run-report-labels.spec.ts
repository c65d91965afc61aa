import { createExposition, createLogger, createMetrics } from '@tripline/telemetry';
import { buildSignal } from '@tripline/testing';

import { buildClaimedExecution } from '../../test/claimed-execution';
import type { RunResult } from './execute-run';
import { createRunReports } from './run-reports';

const ENDED_WITH_FILL = {
  status: 'completed',
  stopReason: null,
  steps: [],
  order: { side: 'BUY', status: 'FILLED', clientOrderId: 'o1' },
  fill: { ticker: '^SPX' },
  ending: { denial: null, position: null, realisedPnl: null },
  cost: '0',
} as unknown as RunResult;

function createReports() {
  const metrics = createMetrics({ service: 'worker', defaultMetrics: false, pipelineLabelLimit: 10 });
  const logger = createLogger({ service: 'worker', level: 'silent' });
  const reports = createRunReports({ logger, metrics, queue: 'q', now: () => 0 });
  const valuesOf = async (metric: string, label: string): Promise<string[]> => {
    const { body } = await createExposition(metrics).render();
    const samples = body.split('\n').filter((line) => line.startsWith(`${metric}{`));
    return [...new Set(samples.flatMap((line) => new RegExp(`${label}="([^"]*)"`).exec(line)?.[1] ?? []))];
  };
  return { reports, valuesOf };
}

describe('metric labels of executions', () => {
  it('leave label slots for the pipelines of other users', async () => {
    const { reports, valuesOf } = createReports();
    for (let index = 0; index < 100; index += 1) {
      reports.onEnded(buildClaimedExecution({ userId: 'greedy', pipelineId: `greedy-${index}` }), ENDED_WITH_FILL, 1);
    }
    reports.onEnded(buildClaimedExecution({ userId: 'modest', pipelineId: 'modest-1' }), ENDED_WITH_FILL, 1);
    const ids = await valuesOf('pipeline_executions_total', 'pipeline_id');
    expect(ids.filter((id) => id.startsWith('greedy'))).toHaveLength(5);
    expect(ids).toEqual(expect.arrayContaining(['modest-1', 'other']));
    expect(await valuesOf('pipeline_execution_duration_seconds_count', 'pipeline_id')).toContain('modest-1');
  });

  it('collapse user-defined signal types and mock symbols to one value each', async () => {
    const { reports, valuesOf } = createReports();
    for (let index = 0; index < 100; index += 1) {
      const signal = buildSignal({ signalType: `made_up_${index}` });
      const result = { ...ENDED_WITH_FILL, fill: { ticker: `MOCK-${index}` } } as unknown as RunResult;
      reports.onEnded(buildClaimedExecution({ signal }), result, 1);
    }
    expect(await valuesOf('orders_total', 'strategy')).toEqual(['custom']);
    expect(await valuesOf('trades_total', 'symbol')).toEqual(['MOCK-*']);
  });
});
