import {
  type AgentResult,
  barsToRead,
  planOrder,
  runBias,
  runMarketData,
  runRiskManager,
  runStrategy,
  totalCost,
} from '@tripline/agents';
import type { Bar } from '@tripline/market';
import { accountEquity, type DecimalString, type OrderIntent } from '@tripline/trading';
import type { ClaimedExecution, StepRecord } from '@tripline/execution-store';

import type { BarSource } from '../market-data/bar-source';

/** What the agents of one execution decided. */
export interface AgentPlan {
  readonly steps: readonly StepRecord[];
  /** Null when an agent stopped the execution. */
  readonly intent: OrderIntent | null;
  readonly stopReason: string | null;
  readonly stopMessage: string | null;
  /** Sum over the steps, USD. */
  readonly cost: DecimalString;
}

/** The plan that an earlier attempt stored, if any; the agents are then not asked again. */
export function memoisedPlan(run: ClaimedExecution): AgentPlan | null {
  const { steps, intent } = run;
  const last = steps.at(-1);
  if (last === undefined || (intent === null && last.status !== 'stop')) return null;
  return {
    steps,
    intent: intent?.intent ?? null,
    stopReason: last.status === 'stop' ? last.reason : null,
    stopMessage: last.status === 'stop' ? last.message : null,
    cost: totalCost(steps.map((step) => step.cost)),
  };
}

/** Asks the five agents in order, in memory; one that stops ends the execution. Data is read as of the trigger's event time. */
export function runAgents(run: ClaimedExecution, source: BarSource, monotonicMs: () => number): AgentPlan {
  const { agents: settings } = run.pipeline;
  const ticker = run.ticker ?? run.pipeline.tickers[0] ?? '';
  const asOf = run.occurredAt;
  const journal = createStepJournal(monotonicMs);
  const bars = source.readerFor(ticker)?.asOf(asOf, barsToRead(settings)) ?? [];

  const data = journal.ask(() => runMarketData({ settings, ticker, asOf, bars }));
  if (data === null) return journal.plan(null);
  const bias = journal.ask(() => runBias({ settings, bars, signal: signalOf(run) }));
  if (bias === null || bias.bias === 'NEUTRAL') return journal.plan(null);
  const { bias: side } = bias;
  const plan = journal.ask(() => runStrategy({ settings, bars, bias: side }));
  if (plan === null) return journal.plan(null);
  const sizing = journal.ask(() =>
    runRiskManager({
      settings,
      ticker,
      plan,
      account: { cash: run.account.cash, equity: equityOf(run, source) },
      heldQuantity: run.positions.find((position) => position.ticker === ticker)?.quantity ?? '0',
    }),
  );
  if (sizing === null) return journal.plan(null);
  const order = journal.ask(() => planOrder({ executionId: run.executionId, ticker, occurredAt: asOf, plan, sizing }));
  return journal.plan(order?.intent ?? null);
}

/** Collects the steps with their times; `ask` returns null when the agent stopped the execution. */
function createStepJournal(monotonicMs: () => number) {
  const steps: StepRecord[] = [];
  return {
    ask<Output>(agent: () => AgentResult<Output>): Output | null {
      const startedAt = monotonicMs();
      const result = agent();
      const stopped = result.status === 'stop';
      steps.push({
        stepNo: steps.length + 1,
        agent: result.agent,
        status: result.status,
        reason: stopped ? result.reason : null,
        message: stopped ? result.message : null,
        output: result.output,
        durationMs: monotonicMs() - startedAt,
        cost: result.cost,
      });
      return stopped ? null : result.output;
    },
    plan(intent: OrderIntent | null): AgentPlan {
      const last = steps.at(-1);
      const stopped = last?.status === 'stop';
      return {
        steps,
        intent,
        stopReason: stopped ? last.reason : null,
        stopMessage: stopped ? last.message : null,
        cost: totalCost(steps.map((step) => step.cost)),
      };
    },
  };
}

/** The signal's entry for the ticker of the execution; null for periodic and manual executions. */
function signalOf(run: ClaimedExecution): Parameters<typeof runBias>[0]['signal'] {
  const entry = run.signal?.tickers.find(({ ticker }) => ticker === run.ticker);
  return entry === undefined ? null : { direction: entry.signal, confidence: entry.confidence };
}

/** Cash, and positions valued at the last close known at event time; a position without bars is valued at cost. */
function equityOf(run: ClaimedExecution, source: BarSource): DecimalString {
  return accountEquity(
    run.account.cash,
    run.positions.map((position) => {
      const last: Bar | undefined = source.readerFor(position.ticker)?.asOf(run.occurredAt, 1)[0];
      return { position, mark: last?.close ?? position.averagePrice };
    }),
  );
}
