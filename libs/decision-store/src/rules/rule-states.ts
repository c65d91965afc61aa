import { dueAt, EMPTY_RULE_STATE, type RuleState } from '@tripline/decisions';
import type { Pipeline } from '@tripline/triggers';

import type { Queryable } from '@tripline/database';
import { DROP_RULE_STATES, EVICT_RULE_STATES, READ_RULE_STATES, WRITE_RULE_STATES } from './rule-sql';

/** Maximum tickers with a rule state per pipeline. At the limit the least recently updated one is deleted. */
export const MAX_RULE_TICKERS = 1_000;
/** Kafka keeps records for a week by default, so a backlog of that age may still need a state. */
const BACKLOG_MS = 7 * 86_400_000;

export interface RuleKey {
  readonly pipelineId: string;
  readonly ticker: string;
}

interface StateRow {
  readonly pipeline_id: string;
  readonly ticker: string;
  readonly version: number;
  readonly state: RuleState;
}

/**
 * The rule states of one deciding transaction: read together, changed in memory in log order, written together. The
 * locks of the pipelines must be held from before `load` to the end.
 */
export class RuleStates {
  readonly #stored = new Map<string, StateRow>();
  readonly #changed = new Map<string, { readonly pipeline: Pipeline; readonly ticker: string; state: RuleState }>();

  readonly #forgotten: RuleKey[] = [];

  private constructor(private readonly maxTickers: number) {}

  /** @param keys each (pipeline, ticker) pair that may be asked for; may repeat */
  static async load(
    transaction: Queryable,
    keys: readonly RuleKey[],
    maxTickers: number = MAX_RULE_TICKERS,
  ): Promise<RuleStates> {
    const states = new RuleStates(maxTickers);
    const distinct = [...new Map(keys.map((key) => [keyOf(key.pipelineId, key.ticker), key])).values()];
    if (distinct.length === 0) return states;
    const rows = await transaction.query<StateRow & { pipeline_id: string }>(READ_RULE_STATES, [
      distinct.map(({ pipelineId }) => pipelineId),
      distinct.map(({ ticker }) => ticker),
    ]);
    for (const row of rows) states.#stored.set(keyOf(row.pipeline_id, row.ticker), row);
    return states;
  }

  /** The state of this version of the rule for the ticker. A new version starts empty. */
  get(pipeline: Pipeline, ticker: string): RuleState {
    const key = keyOf(pipeline.id, ticker);
    const changed = this.#changed.get(key);
    if (changed !== undefined) return changed.state;
    const stored = this.#stored.get(key);
    return stored?.version === pipeline.version ? stored.state : EMPTY_RULE_STATE;
  }

  /** Whether there is a stored state of this version. */
  isCurrent(pipeline: Pipeline, ticker: string): boolean {
    return this.#stored.get(keyOf(pipeline.id, ticker))?.version === pipeline.version;
  }

  /** Removes a stored state with the next `drop`. */
  forget(pipelineId: string, ticker: string): void {
    this.#forgotten.push({ pipelineId, ticker });
  }

  async drop(transaction: Queryable): Promise<void> {
    if (this.#forgotten.length === 0) return;
    await transaction.query(DROP_RULE_STATES, [
      this.#forgotten.map(({ pipelineId }) => pipelineId),
      this.#forgotten.map(({ ticker }) => ticker),
    ]);
  }

  set(pipeline: Pipeline, ticker: string, state: RuleState): void {
    this.#changed.set(keyOf(pipeline.id, ticker), { pipeline, ticker, state });
  }

  /** Writes the changed states. @param nowMs the authority's clock, epoch ms */
  async save(transaction: Queryable, nowMs: number): Promise<void> {
    if (this.#changed.size === 0) return;
    const changed = [...this.#changed.values()].filter(({ pipeline }) => pipeline.rule !== null);
    await transaction.query(WRITE_RULE_STATES, [JSON.stringify(changed.map((entry) => rowOf(entry, nowMs)))]);
    const grown = new Set<string>();
    for (const { pipeline, ticker } of changed) {
      if (this.#stored.has(keyOf(pipeline.id, ticker)) || !mayOutgrow(pipeline, this.maxTickers)) continue;
      grown.add(pipeline.id);
    }
    if (grown.size > 0) await transaction.query(EVICT_RULE_STATES, [[...grown], this.maxTickers]);
  }
}

function rowOf(entry: { pipeline: Pipeline; ticker: string; state: RuleState }, nowMs: number): object {
  const { pipeline, ticker, state } = entry;
  const due = pipeline.rule === null ? null : dueAt(pipeline.rule, state);
  const staleAt = Math.max(nowMs, state.newestAt ?? 0) + 2 * (pipeline.rule?.withinMs ?? 0) + BACKLOG_MS;
  return {
    pipeline_id: pipeline.id,
    ticker,
    version: pipeline.version,
    state,
    due_at: due === null ? null : new Date(due).toISOString(),
    stale_at: new Date(staleAt).toISOString(),
  };
}

/** Named tickers are bounded by the pipeline itself; patterns are not. */
function mayOutgrow({ tickers }: Pipeline, maxTickers: number): boolean {
  return tickers.length > maxTickers || tickers.some((ticker) => ticker.endsWith('*'));
}

function keyOf(pipelineId: string, ticker: string): string {
  return `${pipelineId}/${ticker}`;
}
