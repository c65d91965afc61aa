import * as fc from 'fast-check';

import { BUILDER_TIME, buildPipeline } from '@tripline/testing';

import type { Pipeline } from '../pipelines/pipeline';
import { executionIdOf } from '../signals/ids';
import { applyDecision, decide, decideAll, initialPipelineState } from './decide';
import { DECISION_REASONS, type PendingTrigger, type PipelineState, type Trigger } from './decision';
import { DECISION_OUTCOMES } from './outcome';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2024, 0, 1);

function trigger(overrides: Partial<Trigger> = {}): Trigger {
  return {
    triggerId: 'signal-1',
    mode: 'signal',
    occurredAt: BUILDER_TIME,
    appendedAtMs: NOW - 1000,
    ticker: '^SPX',
    confidence: 80,
    ...overrides,
  };
}

function stateOf(pipeline: Pipeline, overrides: Partial<PipelineState> = {}): PipelineState {
  return { ...initialPipelineState(pipeline), ...overrides };
}

describe('decide', () => {
  const pipeline = buildPipeline({ cooldownMs: HOUR_MS, maxSignalAgeMs: 5000 });

  it('triggers a free pipeline and records what it rested on', () => {
    expect(decide(pipeline, stateOf(pipeline), trigger(), NOW)).toEqual({
      outcome: 'TRIGGERED',
      reason: 'trigger_accepted',
      detail: {
        trigger_mode: 'signal',
        ticker: '^SPX',
        confidence: 80,
        occurred_at: BUILDER_TIME,
        age_ms: 1000,
        pipeline_version: 1,
      },
    });
  });

  it.each([
    ['at exactly the maximum age', 5000, 'TRIGGERED'],
    ['a millisecond beyond it', 5001, 'EXPIRED'],
    ['when the broker clock is ahead of ours', -60_000, 'TRIGGERED'],
  ])('judges the age %s', (_case, ageMs, outcome) => {
    const decision = decide(pipeline, stateOf(pipeline), trigger({ appendedAtMs: NOW - ageMs }), NOW);
    expect(decision.outcome).toBe(outcome);
  });

  it('measures the age from the log, so that replayed history triggers', () => {
    const old = trigger({ occurredAt: Date.UTC(2000, 0, 3) });
    expect(decide(pipeline, stateOf(pipeline), old, NOW).outcome).toBe('TRIGGERED');
  });

  it.each([
    [HOUR_MS - 1, 'SKIPPED_COOLDOWN'],
    [HOUR_MS, 'TRIGGERED'],
    [1 - HOUR_MS, 'SKIPPED_COOLDOWN'],
    [-HOUR_MS, 'TRIGGERED'],
    [0, 'SKIPPED_COOLDOWN'],
  ])('measures cooldown in event time, both ways: %d ms from the last trigger gives %s', (distance, outcome) => {
    const state = stateOf(pipeline, { lastTriggeredAt: BUILDER_TIME });
    expect(decide(pipeline, state, trigger({ occurredAt: BUILDER_TIME + distance }), NOW).outcome).toBe(outcome);
  });

  it('has no age limit and no cooldown when they are 0', () => {
    const free = buildPipeline();
    const state = stateOf(free, { lastTriggeredAt: BUILDER_TIME });
    expect(decide(free, state, trigger({ appendedAtMs: 0 }), NOW).outcome).toBe('TRIGGERED');
  });

  it('names the reason that helps most when several hold', () => {
    const busy = { activeExecutionId: 'run-1', lastTriggeredAt: BUILDER_TIME };
    const tooOld = trigger({ appendedAtMs: 0 });
    const inactive = stateOf(pipeline, { ...busy, isActive: false });
    expect(decide(pipeline, inactive, tooOld, NOW)).toMatchObject({ outcome: 'EXPIRED', reason: 'pipeline_inactive' });
    expect(decide(pipeline, stateOf(pipeline, busy), tooOld, NOW)).toMatchObject({
      outcome: 'EXPIRED',
      reason: 'signal_too_old',
    });
    expect(decide(pipeline, stateOf(pipeline, busy), trigger(), NOW)).toMatchObject({
      outcome: 'SKIPPED_ACTIVE',
      detail: { active_execution_id: 'run-1', also_in_cooldown: true },
    });
  });

  it('lets a manual run start a pipeline that is switched off', () => {
    const off = stateOf(pipeline, { isActive: false });
    expect(decide(pipeline, off, trigger({ mode: 'manual' }), NOW).outcome).toBe('TRIGGERED');
    expect(decide(pipeline, off, trigger({ mode: 'periodic' }), NOW).reason).toBe('pipeline_inactive');
  });

  it('says when the pipeline has changed since it was matched', () => {
    const { detail } = decide(pipeline, stateOf(pipeline, { version: 3 }), trigger(), NOW);
    expect(detail).toMatchObject({ pipeline_version: 1, current_version: 3 });
  });
});

describe('applyDecision', () => {
  it('leaves the state alone unless triggered', () => {
    const pipeline = buildPipeline();
    const state = stateOf(pipeline, { activeExecutionId: 'run-1' });
    const decision = decide(pipeline, state, trigger(), NOW);
    expect(applyDecision(state, decision, { executionId: 'run-2', occurredAt: 1 })).toBe(state);
  });
});

describe('decideAll', () => {
  const arbitraryPipeline = fc
    .record({
      id: fc.constantFrom('p1', 'p2', 'p3'),
      cooldownMs: fc.constantFrom(0, HOUR_MS),
      maxSignalAgeMs: fc.constantFrom(0, 5000),
    })
    .map((fields) => buildPipeline({ ...fields, userId: 'user' }));
  const arbitraryTrigger = fc
    .record({
      triggerId: fc.integer({ min: 1, max: 12 }).map((n) => `t${n}`),
      hours: fc.integer({ min: -3, max: 3 }),
      ageMs: fc.constantFrom(0, 5000, 5001),
    })
    .map(({ triggerId, hours, ageMs }) =>
      trigger({ triggerId, occurredAt: BUILDER_TIME + (hours * HOUR_MS) / 2, appendedAtMs: NOW - ageMs }),
    );
  const sequences = fc.tuple(
    fc.uniqueArray(arbitraryPipeline, { selector: (pipeline) => pipeline.id, minLength: 1 }),
    fc.array(fc.tuple(fc.nat(), arbitraryTrigger), { maxLength: 30 }),
    fc.record({ active: fc.boolean(), last: fc.option(fc.constantFrom(0, HOUR_MS)) }),
  );

  function setUp([pipelines, draws, first]: typeof sequences extends fc.Arbitrary<infer T> ? T : never): {
    pending: PendingTrigger[];
    states: Map<string, PipelineState>;
  } {
    const pending = draws.flatMap(([draw, drawn]) => {
      const pipeline = pipelines[draw % pipelines.length];
      return pipeline === undefined ? [] : [{ pipeline, trigger: drawn }];
    });
    const states = new Map<string, PipelineState>();
    const [head] = pipelines;
    if (head !== undefined) {
      const lastTriggeredAt = first.last === null ? null : BUILDER_TIME + first.last;
      states.set(head.id, stateOf(head, { activeExecutionId: first.active ? 'running' : null, lastTriggeredAt }));
    }
    return { pending, states };
  }

  it('gives every distinct pair exactly one decision, in log order, and the same again for the same input', () => {
    fc.assert(
      fc.property(sequences, (drawn) => {
        const { pending, states } = setUp(drawn);
        const answer = decideAll(pending, states, { nowMs: NOW });
        const pairs = pending.map((item) => `${item.pipeline.id}/${item.trigger.triggerId}`);
        expect(answer.decided.map((item) => `${item.pipeline.id}/${item.trigger.triggerId}`)).toEqual([
          ...new Set(pairs),
        ]);
        for (const { decision } of answer.decided) {
          expect(DECISION_OUTCOMES).toContain(decision.outcome);
          expect(DECISION_REASONS).toContain(decision.reason);
        }
        expect(decideAll(pending, states, { nowMs: NOW })).toEqual(answer);
      }),
    );
  });

  it('triggers a pipeline at most once per sequence, and never one whose place is taken', () => {
    fc.assert(
      fc.property(sequences, (drawn) => {
        const { pending, states } = setUp(drawn);
        const { decided, changedStates } = decideAll(pending, states, { nowMs: NOW });
        const triggered = decided.filter((item) => item.decision.outcome === 'TRIGGERED');
        const owners = triggered.map((item) => item.pipeline.id);
        expect(new Set(owners).size).toBe(owners.length);
        expect([...changedStates.keys()]).toEqual(owners);
        for (const { pipeline, executionId, trigger: cause } of triggered) {
          expect(states.get(pipeline.id)?.activeExecutionId ?? null).toBeNull();
          expect(executionId).toBe(executionIdOf(pipeline.id, cause.triggerId));
          expect(changedStates.get(pipeline.id)).toMatchObject({
            activeExecutionId: executionId,
            lastTriggeredAt: cause.occurredAt,
          });
        }
        for (const item of decided) {
          expect(item.executionId === null).toBe(item.decision.outcome !== 'TRIGGERED');
        }
      }),
    );
  });

  it('does not change the states it was given', () => {
    const pipeline = buildPipeline();
    const states = new Map([[pipeline.id, Object.freeze(stateOf(pipeline))]]);
    decideAll([{ pipeline, trigger: trigger() }], states, { nowMs: NOW });
    expect(states.get(pipeline.id)?.activeExecutionId).toBeNull();
  });
});
