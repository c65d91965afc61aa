import type { FaultRecord } from '../faults/fault-log';
import type { PhaseResult } from '../run-phase';
import { describeRun } from './document';
import { quantile, summarise } from './summary';

const record = (overrides: Partial<FaultRecord>): FaultRecord => ({
  fault: 'F1',
  what: 'kill worker-1',
  recoverySeconds: 2,
  problem: null,
  ...overrides,
});

const phase = (overrides: Partial<PhaseResult>): PhaseResult => ({
  name: 'phase',
  faults: [],
  summary: { lost: 0, doubled: 0, stuck: 0, broken: 0 },
  violations: [],
  figures: { signals: 10, decisions: 20, executions: 5, orders: 3 },
  quietSeconds: 1,
  zombieWritesRejected: 0,
  unasked: [],
  evidenceFile: '',
  ...overrides,
});

const RUN = { seed: 1, seconds: 60, simulation: null };

describe('summarise', () => {
  it('adds up the phases and reports recovery by kind', () => {
    const faults = [1, 2, 3, 30].map((recoverySeconds) => record({ recoverySeconds }));
    const summary = summarise(
      [phase({ faults }), phase({ faults: [record({ fault: 'F6' })], zombieWritesRejected: 4 })],
      { 'after-decision-commit': 1 },
      RUN,
    );
    expect(summary).toMatchObject({ faults: 5, lost: 0, doubled: 0, stuck: 0, signals: 20, zombieWritesRejected: 4 });
    expect(summary.byFault.F1).toEqual({ count: 4, problems: 0, recovery: { p50: 2, p99: 30, max: 30 } });
  });

  it('counts a phase that never finished its work as stuck', () => {
    expect(summarise([phase({ quietSeconds: null })], {}, RUN).stuck).toBe(1);
  });

  it('uses the nearest rank for quantiles', () => {
    expect([quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 1), quantile([], 0.5)]).toEqual([2, 3, 0]);
  });
});

describe('describeRun', () => {
  it('has a line for every row with requested and injected faults', () => {
    const text = describeRun(
      summarise([phase({ faults: [record({})] })], { 'after-decision-commit': 2 }, RUN),
      'nightly',
      '2026-01-02',
    );
    expect(text).toContain('**1 faults, 0 lost, 0 doubled, 0 stuck**');
    expect(text).toMatch(/\| F1 \| kill -9.* \| 200 \| 1 \| 0 \| 2 \| 2 \| 2 \|/);
    expect(text).toMatch(/\| F6 \| Redis killed.* \| 30 \| 0 \| {2}\| {2}\| {2}\| {2}\|/);
    expect(text).toContain('Exits at each failpoint, by the evidence the processes left: after-decision-commit 2.');
  });
});
