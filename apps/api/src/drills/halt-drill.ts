import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { pipelineInputSchema } from '@tripline/contracts';
import type { HaltLevel, HaltMode } from '@tripline/risk';
import type { Pipeline } from '@tripline/triggers';
import type { DecisionStore } from '@tripline/decision-store';
import type { HaltFigures, HaltStore } from '@tripline/trading-store';
import type { ExecutionQueue } from '@tripline/queue';

import { toPipelineDefinition } from '../pipelines/pipeline-wire';

/** Levels whose drill affects no other user. */
export const DRILL_LEVELS = ['user', 'pipeline', 'ticker', 'venue'] as const satisfies readonly HaltLevel[];

/** A ticker and a venue that only the drill trades, so that halts on them affect nothing else. */
const DRILL_TICKER = 'MOCK-HALT-DRILL';
const DRILL_VENUE = 'paper-halt-drill';
const TRIGGER_INTERVAL_MS = 10;
const HOUR_MS = 3_600_000;
/** Number of simulated market hours that triggers are spread over, because only some hours produce an order. */
const HOURS = 2_000;
const SETTLE_MS = 20_000;
/** Longest wait for the first order, ms. With idle workers every halt would look perfect. */
const WARM_UP_MS = 20_000;

export interface HaltDrillOptions {
  readonly level: HaltLevel;
  readonly mode: HaltMode;
  /** How long to send triggers, ms. Half of it is before the halt. */
  readonly durationMs: number;
  readonly pipeline: Pipeline;
  readonly decisions: Pick<DecisionStore, 'decideTriggers' | 'acknowledgeEnqueued'>;
  readonly halts: Pick<HaltStore, 'engage' | 'lift'>;
  readonly queue: Pick<ExecutionQueue, 'enqueue'>;
  /** Whether the pipeline has created an order since this time, epoch ms. */
  readonly hasOrdered: (since: number) => Promise<boolean>;
  readonly loadFigures: (halt: { haltId: string; pipelineId: string; since: number }) => Promise<HaltFigures>;
  /** Epoch ms. */
  readonly now: () => number;
}

export interface HaltDrillResult extends HaltFigures {
  readonly level: HaltLevel;
  readonly mode: HaltMode;
  /** Time from the halt to the last decision, start or order that still passed, ms; 0 if none did. */
  readonly haltLatencyMs: number;
}

/** The drill's own pipeline: manual, so that no signal starts it, and with enough parallel executions for the drill. */
export function drillPipelineDefinition() {
  return toPipelineDefinition(
    pipelineInputSchema.parse({
      name: 'Halt drill',
      trigger_mode: 'manual',
      tickers: [DRILL_TICKER],
      overlap_policy: 'parallel',
      overlap_limit: 1000,
      venue: DRILL_VENUE,
      max_signal_age_seconds: 0,
      signal_age_from: 'append',
      // Short averages nearly always give a direction, and small risks never reach the position limit.
      agents: { bias: { fast_period: 3, slow_period: 10 }, risk_manager: { risk_per_trade_percent: 0.05 } },
    }),
  );
}

/**
 * Sends triggers to a pipeline through the real decision, queue and workers, engages a halt halfway, and reads from the
 * database what still passed afterwards. Always lifts the halt at the end.
 */
export async function runHaltDrill(options: HaltDrillOptions): Promise<HaltDrillResult> {
  const { level, mode, pipeline, halts, now } = options;
  const since = now();
  const half = options.durationMs / 2;
  const patience = now() + WARM_UP_MS;
  while (now() < patience && !(await options.hasOrdered(since))) await sendTriggers(options, now() + 200);
  await sendTriggers(options, now() + half);
  const subject = subjectOf(level, pipeline);
  const reason = 'halt drill';
  // Triggers continue while the halt is written, because its latency is what this measures.
  const sending = sendTriggers(options, now() + half);
  const { halt } = await halts.engage({ level, subject, mode, reason, engagedBy: pipeline.userId });
  try {
    await sending;
    const figures = await settle(() => options.loadFigures({ haltId: halt.id, pipelineId: pipeline.id, since }), now);
    const passed = [figures.lastTriggeredMs, figures.lastStartedMs, figures.lastOrderMs].map((ms) => ms ?? 0);
    return { level, mode, ...figures, haltLatencyMs: Math.max(0, ...passed) };
  } finally {
    await sending.catch(() => undefined);
    await halts.lift(halt.id, pipeline.userId, 'the drill is over');
  }
}

async function sendTriggers({ pipeline, decisions, queue, now }: HaltDrillOptions, until: number): Promise<void> {
  for (let sent = 0; now() < until; sent += 1) {
    const { created } = await decisions.decideTriggers([
      {
        pipelineId: pipeline.id,
        triggerId: randomUUID(),
        triggerMode: 'manual',
        occurredAt: now() - (1 + (sent % HOURS)) * HOUR_MS,
      },
    ]);
    if (created.length > 0) {
      await queue.enqueue(created);
      await decisions.acknowledgeEnqueued(created);
    }
    await delay(TRIGGER_INTERVAL_MS);
  }
}

async function settle(load: () => Promise<HaltFigures>, now: () => number): Promise<HaltFigures> {
  const deadline = now() + SETTLE_MS;
  for (;;) {
    const figures = await load();
    if (figures.unfinished === 0 || now() > deadline) return figures;
    await delay(200);
  }
}

function subjectOf(level: HaltLevel, pipeline: Pipeline): string {
  switch (level) {
    case 'global':
      return '';
    case 'user':
      return pipeline.userId;
    case 'pipeline':
      return pipeline.id;
    case 'ticker':
      return DRILL_TICKER;
    case 'venue':
      return DRILL_VENUE;
  }
}
