import { BUILDER_TIME, buildPipeline, buildTrigger } from '@tripline/testing';
import * as fc from 'fast-check';

import { executionIdOf, OVERLAP_KEYS, OVERLAP_POLICIES } from '@tripline/triggers';
import { decideAll, initialPipelineState } from './decide-all';
import type { ActiveRun, PendingTrigger, PipelineState } from './decision';
import { DECISION_OUTCOMES } from './outcome';
import { REASONS_BY_OUTCOME } from './reasons';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2024, 0, 1);
const USER = 'user';

const arbitraryPipeline = fc
  .record({
    id: fc.constantFrom('p1', 'p2', 'p3'),
    cooldownMs: fc.constantFrom(0, HOUR_MS),
    maxSignalAgeMs: fc.constantFrom(0, 5000),
    overlap: fc.record({
      policy: fc.constantFrom(...OVERLAP_POLICIES),
      key: fc.constantFrom(...OVERLAP_KEYS),
      limit: fc.integer({ min: 1, max: 3 }),
      ttlMs: fc.constantFrom(0, 1000),
    }),
  })
  .map((fields) => buildPipeline({ ...fields, userId: USER }));
const arbitraryTrigger = fc
  .record({
    triggerId: fc.integer({ min: 1, max: 12 }).map((n) => `t${n}`),
    ticker: fc.constantFrom('A', 'B'),
    hours: fc.integer({ min: -3, max: 3 }),
    ageMs: fc.constantFrom(0, 5000, 5001),
  })
  .map(({ triggerId, ticker, hours, ageMs }) =>
    buildTrigger({ triggerId, ticker, occurredAt: BUILDER_TIME + (hours * HOUR_MS) / 2, appendedAtMs: NOW - ageMs }),
  );
const sequences = fc.record({
  pipelines: fc.uniqueArray(arbitraryPipeline, { selector: (pipeline) => pipeline.id, minLength: 1 }),
  draws: fc.array(fc.tuple(fc.nat(), arbitraryTrigger), { maxLength: 30 }),
  isBusy: fc.boolean(),
  maxActive: fc.option(fc.integer({ min: 0, max: 5 })),
  maxPerMinute: fc.option(fc.integer({ min: 0, max: 5 })),
});
type Drawn = typeof sequences extends fc.Arbitrary<infer T> ? T : never;

const BEFORE: ActiveRun = { executionId: 'before', overlapKey: '', slot: 0, expiresAtMs: null };

function setUp({ pipelines, draws, isBusy, maxActive, maxPerMinute }: Drawn) {
  const pending: PendingTrigger[] = draws.flatMap(([draw, trigger]) => {
    const pipeline = pipelines[draw % pipelines.length];
    return pipeline === undefined ? [] : [{ pipeline, trigger }];
  });
  const states = new Map<string, PipelineState>();
  const [head] = pipelines;
  if (head !== undefined && isBusy) states.set(head.id, { ...initialPipelineState(head), runs: [BEFORE] });
  const quota = { maxActive, maxPerMinute, maxPerDay: null };
  const limits = new Map([[USER, { quota, usage: { active: isBusy ? 1 : 0, minute: 0, day: 0 } }]]);
  return { pending, states, options: { nowMs: NOW, limits } };
}

describe('decideAll', () => {
  it('gives every distinct pair exactly one decision, in log order, and is deterministic', () => {
    fc.assert(
      fc.property(sequences, (drawn) => {
        const { pending, states, options } = setUp(drawn);
        const { decided } = decideAll(pending, states, options);
        const pairs = pending.map((item) => `${item.pipeline.id}/${item.trigger.triggerId}`);
        expect(decided.map((item) => `${item.pipeline.id}/${item.trigger.triggerId}`)).toEqual([...new Set(pairs)]);
        for (const { decision, run } of decided) {
          expect(DECISION_OUTCOMES).toContain(decision.outcome);
          expect(REASONS_BY_OUTCOME[decision.outcome]).toContain(decision.reason);
          expect(run === null).toBe(decision.outcome !== 'TRIGGERED');
        }
        expect(decideAll(pending, states, options).decided).toEqual(decided);
      }),
    );
  });

  it('never exceeds the slots of a key or the length of a queue', () => {
    fc.assert(
      fc.property(sequences, (drawn) => {
        const { pending, states, options } = setUp(drawn);
        const { decided, ends } = decideAll(pending, states, options);
        const ended = new Set(ends.map((end) => end.executionId));
        for (const pipeline of drawn.pipelines) {
          const made = decided.flatMap(({ run, ...item }) =>
            run !== null && run.endedAs === null && item.pipeline.id === pipeline.id ? [run] : [],
          );
          const before = (states.get(pipeline.id)?.runs ?? []).filter((run) => !ended.has(run.executionId));
          const places = [...before, ...made].map((run) => `${run.overlapKey}#${run.slot ?? run.executionId}`);
          expect(new Set(places).size).toBe(places.length);
          const { policy, limit } = pipeline.overlap;
          for (const key of ['', 'A', 'B']) {
            const ofKey = [...before, ...made].filter((run) => run.overlapKey === key);
            const active = ofKey.filter((run) => run.slot !== null).length;
            expect(active).toBeLessThanOrEqual(policy === 'parallel' ? limit : 1);
            const waiting = policy === 'queue' ? limit : policy === 'queue_latest' ? 1 : 0;
            expect(ofKey.length - active).toBeLessThanOrEqual(waiting);
          }
        }
      }),
    );
  });

  it('counts started and unfinished executions of the user exactly as decided', () => {
    fc.assert(
      fc.property(sequences, (drawn) => {
        const { pending, states, options } = setUp(drawn);
        const { decided, ends, changedUsage } = decideAll(pending, states, options);
        const runs = decided.flatMap(({ run }) => (run === null ? [] : [run]));
        const unfinished = (drawn.isBusy ? 1 : 0) + runs.filter((run) => run.endedAs === null).length - ends.length;
        const usage = changedUsage.get(USER) ?? { active: drawn.isBusy ? 1 : 0, minute: 0, day: 0 };
        expect(usage).toEqual({ active: unfinished, minute: runs.length, day: runs.length });
        if (drawn.maxPerMinute !== null) expect(runs.length).toBeLessThanOrEqual(drawn.maxPerMinute);
        if (drawn.maxActive !== null && runs.length > 0) expect(unfinished).toBeLessThanOrEqual(drawn.maxActive);
      }),
    );
  });

  it('never creates a waiting execution that a later trigger of the sequence supersedes', () => {
    const pipeline = buildPipeline({ overlap: { policy: 'queue_latest', key: 'pipeline', limit: 1, ttlMs: 0 } });
    const triggers = ['t1', 't2', 't3'].map((triggerId) => buildTrigger({ triggerId }));
    const { decided, ends } = decideAll(
      triggers.map((trigger) => ({ pipeline, trigger })),
      new Map(),
      { nowMs: NOW },
    );
    expect(decided.map(({ decision }) => decision.reason)).toEqual([
      'trigger_accepted',
      'superseded_in_queue',
      'queued_behind_active',
    ]);
    expect(decided[1]).toMatchObject({ run: null, decision: { detail: { superseded_by: 't3' } } });
    expect(ends).toEqual([]);
  });

  it('creates an execution replaced within the sequence as ended, and ends one from before the sequence', () => {
    const pipeline = buildPipeline({ overlap: { policy: 'replace', key: 'pipeline', limit: 1, ttlMs: 0 } });
    const triggers = ['t1', 't2'].map((triggerId) => buildTrigger({ triggerId }));
    const { decided, ends, changedStates } = decideAll(
      triggers.map((trigger) => ({ pipeline, trigger })),
      new Map([[pipeline.id, { ...initialPipelineState(pipeline), runs: [BEFORE] }]]),
      { nowMs: NOW },
    );
    expect(decided.map(({ run }) => run?.endedAs?.stopReason ?? null)).toEqual(['replaced', null]);
    expect(ends).toEqual([{ executionId: 'before', status: 'cancelled', stopReason: 'replaced' }]);
    const last = executionIdOf(pipeline.id, 't2');
    expect(changedStates.get(pipeline.id)?.runs).toEqual([{ ...BEFORE, executionId: last }]);
  });

  it('does not mutate its input states', () => {
    const pipeline = buildPipeline();
    const states = new Map([[pipeline.id, Object.freeze(initialPipelineState(pipeline))]]);
    decideAll([{ pipeline, trigger: buildTrigger() }], states, { nowMs: NOW });
    expect(states.get(pipeline.id)?.runs).toEqual([]);
  });
});
