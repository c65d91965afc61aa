import { clientOrderIdOf } from '@tripline/agents';
import { acceptOrder, applyFillToOrder, type OrderIntent } from '@tripline/trading';
import { type Pipeline, pipelineMatches, type Signal } from '@tripline/triggers';
import type { ClaimedExecution, ClaimResult, StepRecord } from '@tripline/execution-store';
import fc from 'fast-check';

import type { Subject } from './subject';

/** One command for the stores; indexes are taken modulo the number of items. */
export type Command =
  | { readonly kind: 'decide'; readonly from: number; readonly count: number }
  | { readonly kind: 'trigger'; readonly pipeline: number; readonly trigger: number }
  | { readonly kind: 'mark'; readonly run: number }
  | {
      readonly kind: 'claim';
      readonly run: number;
      readonly generation: number;
      readonly leaseMs: number;
      readonly deadlineMs: number;
    }
  | { readonly kind: 'renew' | 'release' | 'finish' | 'checkpoint'; readonly claim: number }
  | { readonly kind: 'order'; readonly claim: number; readonly isFilled: boolean }
  | { readonly kind: 'sweep'; readonly waitMs: number }
  | { readonly kind: 'switch'; readonly pipeline: number; readonly isActive: boolean }
  | { readonly kind: 'halt'; readonly pipeline: number; readonly mode: 'pause' | 'reduce_only' | null }
  | { readonly kind: 'grant'; readonly pipeline: number; readonly isGranted: boolean }
  | { readonly kind: 'abandon'; readonly claim: number };

const place = fc.nat(30);
/** Either already over, or longer than any test. */
const durationMs = fc.constantFrom(-1_000, 3_600_000, 3_600_000);

export const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('decide' as const), from: place, count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('trigger' as const), pipeline: place, trigger: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('mark' as const), run: place }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      run: place,
      generation: fc.constantFrom(0, 0, 0, -1),
      leaseMs: durationMs,
      deadlineMs: durationMs,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('renew', 'release', 'finish', 'checkpoint'), claim: place }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('order' as const), claim: place, isFilled: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sweep' as const), waitMs: fc.constantFrom(0, 3_600_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('switch' as const), pipeline: place, isActive: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('halt' as const),
      pipeline: place,
      mode: fc.constantFrom('pause', 'reduce_only', null),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('grant' as const), pipeline: place, isGranted: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const), claim: place }) },
);

/** What the commands refer to; identical for both subjects. */
export interface Setting {
  readonly topic: string;
  readonly pipelines: readonly Pipeline[];
  readonly signals: readonly Signal[];
  readonly triggerIds: readonly string[];
  readonly startedAt: number;
}

/** Applies commands to one subject and remembers its claims. */
export class Interpreter {
  readonly #subject: Subject;
  readonly #setting: Setting;
  readonly #claims: ClaimedExecution[] = [];
  readonly #submissions: number[] = [];

  constructor(subject: Subject, setting: Setting) {
    this.#subject = subject;
    this.#setting = setting;
  }

  /** The answer in a form both sides share; an error counts as an answer. */
  async run(command: Command): Promise<unknown> {
    try {
      return await this.#subject.call(() => this.#carryOut(command));
    } catch (error) {
      return { error: error instanceof Error ? error.name : String(error) };
    }
  }

  state(): Promise<Readonly<Record<string, unknown>>> {
    return this.#subject.state(this.#setting.pipelines.map(({ id }) => id));
  }

  async #carryOut(command: Command): Promise<unknown> {
    const { decisions, sweeps } = this.#subject;
    switch (command.kind) {
      case 'decide':
        return this.#decide(command.from, command.count);
      case 'trigger': {
        const { triggerIds, startedAt } = this.#setting;
        const trigger = {
          pipelineId: this.#pipeline(command.pipeline).id,
          triggerId: triggerIds[command.trigger] ?? '',
        };
        const result = await decisions.decideTriggers([{ ...trigger, triggerMode: 'manual', occurredAt: startedAt }]);
        return { outcomes: result.decisions.map(({ outcome, reason }) => [outcome, reason]), created: result.created };
      }
      case 'mark': {
        const run = await this.#run(command.run);
        return run === null ? null : decisions.acknowledgeEnqueued([{ executionId: run.id, generation: run.gen }]);
      }
      case 'claim':
        return this.#claim(command);
      case 'sweep': {
        const swept = await sweeps.sweep({ notEnqueuedMs: command.waitMs, enqueuedMs: command.waitMs });
        const own = new Set(this.#setting.pipelines.map(({ id }) => id));
        const mine = (runs: readonly { readonly pipelineId: string; readonly executionId: string }[]): unknown[] =>
          runs
            .filter(({ pipelineId }) => own.has(pipelineId))
            .map((run) => JSON.stringify({ ...run, traceparent: null }))
            .sort();
        return [swept.requeue, swept.failed, swept.timedOut, swept.expired].map(mine);
      }
      case 'switch':
        return this.#subject.setActive(this.#pipeline(command.pipeline).id, command.isActive);
      case 'halt':
        return this.#subject.setHalted(this.#pipeline(command.pipeline).id, command.mode);
      case 'grant':
        return this.#subject.setGranted(this.#pipeline(command.pipeline).id, command.isGranted);
      default:
        return this.#work(command);
    }
  }

  /** A range of the log, with any boundaries, any number of times. */
  async #decide(from: number, count: number): Promise<unknown> {
    const { signals, pipelines, topic, startedAt } = this.#setting;
    const first = from % signals.length;
    const records = signals.slice(first, first + count).map((signal, index) => ({
      offset: BigInt(first + index),
      appendedAtMs: startedAt,
      signal,
      matches: pipelines.flatMap((pipeline) => pipelineMatches(pipeline, signal) ?? []),
    }));
    const nextOffset = BigInt(first + records.length);
    const chunk = { topic, partition: 0, records, deadSignals: [], nextOffset };
    const result = await this.#subject.decisions.decideChunk(chunk);
    return {
      outcomes: result.decisions.map(({ pipelineId, signalId, outcome, reason }) => [
        pipelineId,
        signalId,
        outcome,
        reason,
      ]),
      created: result.created,
      ended: result.ended,
      counted: result.counted,
      previous: result.previousNextOffset?.toString() ?? null,
    };
  }

  async #claim({
    run: place,
    generation,
    leaseMs,
    deadlineMs,
  }: Command & { readonly kind: 'claim' }): Promise<unknown> {
    const run = await this.#run(place);
    if (run === null) return null;
    const options = { owner: 'test', leaseMs, deadlineMs };
    const result: ClaimResult = await this.#subject.executions.claim(run.id, run.gen + generation, options);
    if (result === null) return null;
    if ('denial' in result) return result;
    this.#claims.push(result);
    const { executionId, leaseToken, attempt, steps, intent, account, positions, ticker } = result;
    const isFreshFor = result.freshUntil === null ? null : result.freshUntil > this.#setting.startedAt;
    // The two sides have clocks of their own, so their ages of an intent differ by milliseconds.
    const known = intent === null ? null : { ...intent, ageMs: intent.ageMs >= 0 };
    return {
      executionId,
      leaseToken,
      attempt,
      steps: steps.length,
      intent: known,
      account,
      positions,
      ticker,
      isFreshFor,
    };
  }

  /** What a worker does under a lease, whether held or lost. */
  async #work(command: Extract<Command, { readonly claim: number }>): Promise<unknown> {
    // Usually a recent claim, because all older leases are lost.
    const run = this.#claims.at(-1 - (command.claim % Math.min(4, Math.max(1, this.#claims.length))));
    if (run === undefined) return null;
    const { executions, intents } = this.#subject;
    const { executionId, leaseToken } = run;
    const lease = { executionId, leaseToken };
    const guard = { venue: run.pipeline.venue, freshUntil: run.freshUntil };
    const ending = { ...lease, status: 'completed' as const, cost: '0', steps: [STEP], hasIntent: run.intent !== null };
    switch (command.kind) {
      case 'renew':
        return [...(await executions.renew([lease], 3_600_000))];
      case 'release':
        return executions.release(lease, 'tried');
      case 'finish':
        return executions.finish({ ...ending, stopReason: 'no_trade' });
      case 'checkpoint': {
        const kept = await executions.checkpoint({ ...lease, steps: [STEP], intent: intentOf(run), guard });
        if (kept.denial !== null || kept.intent === null) return kept;
        return { ...kept, intent: { ...kept.intent, submittedAt: this.#submissionAt(kept.intent.submittedAt) } };
      }
      case 'abandon':
        return intents.abandon(intentOf(run).clientOrderId);
      case 'order': {
        const intent = run.intent?.intent ?? intentOf(run);
        const order = acceptOrder(intent);
        const fill = command.isFilled ? fillOf(intent) : null;
        const { account, positions, pipelineId } = run;
        const sent = { order: fill === null ? order : applyFillToOrder(order, fill), fill, ...guard };
        return executions.finishWithOrder({ ...ending, ...sent, pipelineId, isChecked: true, account, positions });
      }
    }
  }

  /** The two sides' clocks differ, so a time is replaced by its rank among the times seen before. */
  #submissionAt(submittedAt: number): number {
    if (!this.#submissions.includes(submittedAt)) this.#submissions.push(submittedAt);
    return this.#submissions.toSorted((a, b) => a - b).indexOf(submittedAt);
  }

  #pipeline(place: number): Pipeline {
    const { pipelines } = this.#setting;
    return pipelines[place % pipelines.length] as Pipeline;
  }

  async #run(place: number): Promise<{ readonly id: string; readonly gen: number } | null> {
    const { runs } = (await this.state()) as { runs: readonly { readonly id: string; readonly gen: number }[] };
    return runs[place % Math.max(1, runs.length)] ?? null;
  }
}

const STEP: StepRecord = {
  stepNo: 1,
  agent: 'bias',
  status: 'continue',
  reason: null,
  message: null,
  output: { score: 1 },
  durationMs: 1,
  cost: '0',
};

/** A different quantity at every attempt; a stored first quantity must win. */
function intentOf({ executionId, ticker, attempt, occurredAt }: ClaimedExecution): OrderIntent {
  return {
    clientOrderId: clientOrderIdOf(executionId, 5, 1),
    executionId,
    ticker: ticker ?? 'A',
    side: attempt % 2 === 1 ? 'BUY' : 'SELL',
    type: 'MARKET',
    quantity: String(attempt),
    referencePrice: '100',
    stopPrice: null,
    targetPrice: null,
    occurredAt,
  };
}

function fillOf({ clientOrderId, ticker, side, quantity, occurredAt }: OrderIntent) {
  return {
    clientOrderId,
    sequence: 1,
    ticker,
    side,
    quantity,
    price: '101',
    fee: '0.5',
    slippageCost: '0',
    filledAt: occurredAt,
  };
}
