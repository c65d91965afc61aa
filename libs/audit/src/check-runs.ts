import { executionJobId } from '@tripline/contracts';
import { INTENT_LIFECYCLE } from '@tripline/trading';
import { ACTIVE_EXECUTION_STATUSES, executionIdOf } from '@tripline/triggers';

import type { AuditSnapshot, BrokerEntry, ExecutionRow, IntentRow } from './audit-snapshot';
import { parallelRunsOf } from './parallel-runs';
import type { Report } from './violation';

const isActive = ({ status }: Pick<ExecutionRow, 'status'>): boolean =>
  ACTIVE_EXECUTION_STATUSES.some((active) => active === status);

/** A3: executions and triggers, by id. */
export function checkExecutions(snapshot: AuditSnapshot, report: Report): void {
  const triggers = new Map(
    snapshot.decisionLog.flatMap((row) => (row.executionId === null ? [] : [[row.executionId, row]])),
  );
  const ids = new Set<string>();
  const pairs = new Set<string>();
  for (const { id, pipelineId, signalId } of snapshot.executions) {
    const pair = `${pipelineId}/${signalId}`;
    if (ids.has(id) || pairs.has(pair)) {
      report(
        'doubled',
        [id, pipelineId, signalId],
        `execution ${id} repeats signal ${signalId} for pipeline ${pipelineId}`,
      );
    }
    ids.add(id);
    pairs.add(pair);
    if (!triggers.has(id))
      report('doubled', [id, pipelineId, signalId], `execution ${id} is not the one its trigger started`);
    else if (id !== executionIdOf(pipelineId, signalId)) {
      report('broken', [id, pipelineId, signalId], `execution ${id} does not have the id derived from its trigger`);
    }
  }
  for (const row of snapshot.decisionLog) {
    if ((row.outcome === 'TRIGGERED') === (row.executionId !== null && ids.has(row.executionId))) continue;
    if (row.outcome === 'TRIGGERED') {
      report(
        'lost',
        [row.pipelineId, row.signalId],
        `signal ${row.signalId} triggered pipeline ${row.pipelineId} but its execution does not exist`,
      );
    } else {
      report(
        'doubled',
        [row.pipelineId, row.signalId],
        `signal ${row.signalId} was ${row.outcome} for pipeline ${row.pipelineId} but has an execution`,
      );
    }
  }
  checkOverlaps(snapshot, report);
}

/** An execution and the slot it held, by the database's clock. */
interface Interval {
  readonly run: ExecutionRow;
  readonly from: number;
  readonly to: number;
}

/**
 * A3: never more concurrent executions than the policy allows, per pipeline and key. A replaced execution ends in the
 * transaction that starts its successor, so a tolerance of one transaction is allowed.
 */
function checkOverlaps({ executions, pipelines }: AuditSnapshot, report: Report): void {
  const allowed = new Map(
    pipelines.map(({ pipeline }) => [`${pipeline.id}/${pipeline.version}`, parallelRunsOf(pipeline)]),
  );
  const byKey = new Map<string, Interval[]>();
  for (const run of executions) {
    if (run.activeFrom === null) continue;
    const end = run.finishedAt ?? Infinity;
    const key = `${run.pipelineId}/${run.overlapKey}`;
    const interval = { run, from: run.activeFrom, to: run.stopReason === 'replaced' ? end - TRANSACTION_MS : end };
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [interval]);
    else list.push(interval);
  }
  for (const intervals of byKey.values()) {
    intervals.sort((a, b) => a.from - b.from);
    let open: Interval[] = [];
    for (const interval of intervals) {
      open = open.filter(({ to }) => to > interval.from);
      open.push(interval);
      const { id, pipelineId, slot } = interval.run;
      const most = Math.max(...open.map(({ run }) => allowed.get(`${pipelineId}/${run.pipelineVersion}`) ?? 1));
      const sameSlot = open.find(({ run }) => run.id !== id && slot !== null && run.slot === slot);
      const other = sameSlot ?? (open.length > most ? open[0] : undefined);
      if (other !== undefined) {
        report(
          'doubled',
          [pipelineId, other.run.id, id],
          `executions ${other.run.id} and ${id} of pipeline ${pipelineId} overlap (${open.length} at once, ${most} allowed)`,
        );
      }
    }
  }
}

const TRANSACTION_MS = 1_000;

/** A4: compares the broker's journal with the first intents. */
export function checkOrders(
  { broker, intents, executions }: AuditSnapshot,
  ordersPerExecution: number,
  report: Report,
): void {
  const known = new Set(executions.map(({ id }) => id));
  const first = firstIntents(intents);
  const accepted = broker.filter((entry) => entry.accepted);
  const seen = new Set<string>();
  const perExecution = new Map<string, number>();
  for (const entry of accepted) {
    const { clientOrderId, executionId } = entry;
    if (seen.has(clientOrderId)) report('doubled', [clientOrderId], `order ${clientOrderId} was accepted twice`);
    checkFills(entry, report);
    const isFirst = !seen.has(clientOrderId);
    seen.add(clientOrderId);
    if (executionId === null || !isFirst) continue;
    if (!known.has(executionId))
      report('doubled', [clientOrderId], `order ${clientOrderId} belongs to no execution (${executionId})`);
    const count = (perExecution.get(executionId) ?? 0) + 1;
    perExecution.set(executionId, count);
    if (count > ordersPerExecution)
      report(
        'doubled',
        [clientOrderId, executionId],
        `order ${clientOrderId} exceeds the orders that execution ${executionId} may send`,
      );
    const intent = first.get(executionId)?.get(clientOrderId);
    if (intent === undefined)
      report(
        'broken',
        [clientOrderId, executionId],
        `order ${clientOrderId} differs from the first intent of execution ${executionId}`,
      );
    else if (intent.params !== entry.params) {
      report(
        'broken',
        [clientOrderId, executionId],
        `order ${clientOrderId} was sent as ${entry.params} but intended as ${intent.params}`,
      );
    }
  }
  for (const { clientOrderId, state, executionId } of intents) {
    if (state === 'acked' && !seen.has(clientOrderId))
      report(
        'lost',
        [clientOrderId, executionId],
        `order ${clientOrderId} is recorded as accepted, but the broker does not have it`,
      );
  }
}

/** By execution, the intents written first. Intents of the same instant are the legs of one decision. */
function firstIntents(intents: readonly IntentRow[]): ReadonlyMap<string, ReadonlyMap<string, IntentRow>> {
  const first = new Map<string, Map<string, IntentRow>>();
  for (const intent of [...intents].sort((a, b) => a.createdAt - b.createdAt)) {
    const own = first.get(intent.executionId);
    if (own === undefined) first.set(intent.executionId, new Map([[intent.clientOrderId, intent]]));
    else if ([...own.values()][0]?.createdAt === intent.createdAt) own.set(intent.clientOrderId, intent);
  }
  return first;
}

function checkFills({ clientOrderId, quantity, filledQuantity, filledByFills }: BrokerEntry, report: Report): void {
  if (filledByFills === undefined) return;
  if (quantity !== undefined && Number(filledByFills) > Number(quantity)) {
    report('doubled', [clientOrderId], `order ${clientOrderId} is filled beyond its quantity`);
  }
  if (filledQuantity !== undefined && Number(filledByFills) !== Number(filledQuantity)) {
    report(
      'doubled',
      [clientOrderId],
      `order ${clientOrderId} reports ${filledQuantity} filled, but its fills sum to ${filledByFills}`,
    );
  }
}

/** A5. */
export function checkRest({ lag, executions, intents, jobs }: AuditSnapshot, report: Report): void {
  if (lag > 0) report('stuck', [], `${lag} records of the topic were never decided`);
  for (const run of executions.filter(isActive)) {
    report(
      'stuck',
      [run.id, run.pipelineId],
      `execution ${run.id} of pipeline ${run.pipelineId} is still ${run.status}`,
    );
  }
  for (const { clientOrderId, executionId, state } of intents) {
    if (INTENT_LIFECYCLE.isOpen(state)) {
      report('stuck', [clientOrderId, executionId], `the intent of order ${clientOrderId} is still ${state}`);
    }
  }
  const ids = new Set(executions.map(({ id }) => id));
  const seen = new Set<string>();
  for (const { jobId, state } of jobs) {
    const [, executionId = '', generation = ''] = /^x_(.+)_(\d+)$/.exec(jobId) ?? [];
    if (!ids.has(executionId) || executionJobId({ executionId, generation: Number(generation) }) !== jobId) {
      report('stuck', [jobId], `job ${jobId} belongs to no execution`);
    } else if (state !== 'completed' && state !== 'failed') report('stuck', [jobId], `job ${jobId} is still ${state}`);
    if (seen.has(jobId)) report('doubled', [jobId], `job ${jobId} is in the queue twice`);
    seen.add(jobId);
  }
}

/** A7: if the test created zombie workers, every one of their writes must have been denied. */
export function checkFence({ zombies }: AuditSnapshot, zombiesExpected: boolean, report: Report): void {
  if (zombies === null) return;
  const { attempted, rejected } = zombies;
  if (rejected < attempted)
    report('doubled', [], `${attempted - rejected} of ${attempted} writes without the lease were accepted`);
  if (zombiesExpected && rejected === 0)
    report('broken', [], 'no write without the lease was denied: fencing was not exercised');
}

/** N1: every ending is notified at least once, with one id per event, and only with committed statuses. */
export function checkNotifications({ notifications, executions }: AuditSnapshot, report: Report): void {
  if (notifications === null) return;
  const runs = new Map(executions.map((run) => [run.id, run]));
  const told = new Map<string, string>();
  for (const { eventId, executionId, kind, status } of notifications) {
    const run = runs.get(executionId);
    const happened = kind === 'execution_ended' ? run?.status === status : run !== undefined;
    if (!happened)
      report(
        'broken',
        [eventId, executionId],
        `notification ${eventId} reports execution ${executionId} as ${status}, but it is ${run?.status ?? 'missing'}`,
      );
    const event = `${kind}/${executionId}`;
    const known = told.get(event);
    if (known !== undefined && known !== eventId)
      report('doubled', [eventId, executionId], `${event} was notified under two ids, ${known} and ${eventId}`);
    told.set(event, eventId);
  }
  for (const run of executions) {
    if (!isActive(run) && !told.has(`execution_ended/${run.id}`))
      report('lost', [run.id], `the end of execution ${run.id} was never notified`);
  }
}
