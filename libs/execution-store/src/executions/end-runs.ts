import { EXECUTION_DENIALS, type ExecutionDenial } from '@tripline/triggers';
import { failpoint } from '@tripline/failpoints';

import {
  type Answer,
  classifyError,
  ConcurrentChangeError,
  createBatcher,
  type Database,
  isUnavailable,
  jsonParameter,
  LeaseLostError,
} from '@tripline/database';
import { dueExecutionOf } from './claim-runs';
import { accountOf, type AccountColumns, type PromotedRow } from './claimed-execution';
import { END, EXPLAIN } from './ending-sql';
import { type EndingEntry, endingRow, isOrderEnding } from './ending-rows';
import type { DueExecution } from './execution-records';
import type { Ending, EndingResult, OrderEnding } from './execution-writes';
import { settle } from './settlement';

const MAX_ENDINGS = 50;
/** One statement writes while the commit of the other is being flushed to disk. */
const MAX_RUNNING = 2;
/** Only the next execution of the same pipeline waits for an ending, so a short wait to join them is acceptable. */
const INTERVAL_MS = 15;

interface EndedRow {
  readonly ord: number;
  readonly denial: ExecutionDenial | null;
  readonly promoted: readonly PromotedRow[] | null;
}

interface ExplainedRow extends AccountColumns {
  readonly id: string;
  readonly status: string;
  readonly stop_reason: string | null;
  readonly lease_token: number;
}

type End = (ending: Ending | OrderEnding) => Promise<EndingResult>;

/**
 * Ends executions; concurrent endings of the process share a statement. Two settlements of one account never do: the
 * second would be computed from an outdated account.
 */
export function createEndings(database: Database, onPromoted: (runs: readonly DueExecution[]) => void): End {
  return createBatcher<Ending | OrderEnding, EndingResult>({
    maxItems: MAX_ENDINGS,
    maxRunning: MAX_RUNNING,
    intervalMs: INTERVAL_MS,
    keyOf: (ending) => (isOrderEnding(ending) && ending.fill !== null ? ending.pipelineId : null),
    maySplit: (error) => !classifyError(error).retryable && !isUnavailable(error),
    run: async (endings) => endAll(database, endings, onPromoted),
  });
}

async function endAll(
  database: Database,
  endings: readonly (Ending | OrderEnding)[],
  onPromoted: (runs: readonly DueExecution[]) => void,
): Promise<readonly Answer<EndingResult>[]> {
  const answers = new Map<Ending | OrderEnding, Answer<EndingResult>>();
  // Every statement that locks several executions locks them in the same order.
  let open = [...endings].sort((a, b) => (a.executionId < b.executionId ? -1 : 1)).map(entryOf);
  await database.retry(async (attempt) => {
    const rows = await database.query<EndedRow>(END, [jsonParameter(open.map(endingRow))]);
    if (open.some(({ ending }) => isOrderEnding(ending))) await failpoint('after-order-send');
    if (rows[0]?.promoted) onPromoted(rows[0].promoted.map(dueExecutionOf));
    const ended = new Map(rows.map((row) => [row.ord, row]));
    const missing: EndingEntry[] = [];
    for (const [ord, entry] of open.entries()) {
      const row = ended.get(ord);
      if (row === undefined) missing.push(entry);
      else answers.set(entry.ending, { value: resultOf(entry, row.denial) });
    }
    open = missing.length === 0 ? [] : await explain(database, missing, attempt, answers);
    // The others have their answers. These settle on the current accounts.
    if (open.length > 0) throw new ConcurrentChangeError('the account changed since the claim');
  });
  return endings.map((ending) => answers.get(ending) ?? { error: new LeaseLostError(ending.executionId) });
}

/**
 * Answers for executions that did not end, except those still held: their account has changed, and they are retried.
 */
async function explain(
  database: Database,
  entries: readonly EndingEntry[],
  attempt: number,
  answers: Map<Ending | OrderEnding, Answer<EndingResult>>,
): Promise<EndingEntry[]> {
  const rows = await database.query<ExplainedRow>(EXPLAIN, [entries.map(({ ending }) => ending.executionId)]);
  const found = new Map(rows.map((row) => [row.id, row]));
  return entries.flatMap((entry): EndingEntry[] => {
    const { ending } = entry;
    const row = found.get(ending.executionId);
    const isOurs = row?.lease_token === ending.leaseToken;
    if (isOurs && row.status === 'running' && isOrderEnding(ending) && ending.fill !== null) {
      return [{ ending, settlement: settle(ending.fill, accountOf(row), row.positions) }];
    }
    // An earlier attempt was committed but its answer was lost: this is our own ending.
    const denial =
      isOurs && row.status === 'skipped' && isOrderEnding(ending)
        ? EXECUTION_DENIALS.find((r) => r === row.stop_reason)
        : undefined;
    if (isOurs && attempt > 1 && (row.status === ending.status || denial !== undefined)) {
      answers.set(ending, { value: resultOf(entry, denial ?? null) });
    } else {
      const operation = isOrderEnding(ending) ? 'submit' : 'finish';
      database.observer.onLeaseLost?.({ operation, executionId: ending.executionId });
      answers.set(ending, { error: new LeaseLostError(ending.executionId) });
    }
    return [];
  });
}

function entryOf(ending: Ending | OrderEnding): EndingEntry {
  const settlement =
    isOrderEnding(ending) && ending.fill !== null ? settle(ending.fill, ending.account, ending.positions) : null;
  return { ending, settlement };
}

function resultOf({ settlement }: EndingEntry, denial: ExecutionDenial | null): EndingResult {
  if (settlement === null || denial !== null) return { denial, position: null, realisedPnl: null };
  return { denial, position: settlement.position, realisedPnl: settlement.realisedPnl };
}
