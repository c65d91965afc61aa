import type { AuditSnapshot } from './audit-snapshot';
import { checkExecutions, checkFence, checkNotifications, checkOrders, checkRest } from './check-runs';
import { checkDead, checkOrder, checkOutcomes, checkPublished } from './check-signals';
import { type CheckId, CHECKS, type Report, reporter, type Violation } from './violation';

export interface CheckOptions {
  /** Checks that do not apply, e.g. A8 after the topic was recreated, A5 while the system is still working. */
  readonly skip?: readonly CheckId[] | undefined;
  /** How long after a change of a pipeline the index may still match the previous version, ms. Default 1000. */
  readonly indexLagMs?: number | undefined;
  /** Default 1. */
  readonly ordersPerExecution?: number | undefined;
  /** True in a test with zombie workers: at least one of their writes must have been denied. Default false. */
  readonly zombiesExpected?: boolean | undefined;
}

export interface CheckSummary {
  readonly lost: number;
  readonly doubled: number;
  readonly stuck: number;
  /** Broken guarantees without lost, doubled or stuck work. */
  readonly broken: number;
}

export interface CheckResult {
  readonly violations: readonly Violation[];
  readonly summary: CheckSummary;
  readonly byCheck: Readonly<Partial<Record<CheckId, number>>>;
}

/** Compares everything by id, never by count alone. Pure: uses only the audit snapshot. */
export function checkSnapshot(snapshot: AuditSnapshot, options: CheckOptions = {}): CheckResult {
  const violations: Violation[] = [];
  const { skip = [], indexLagMs = 1_000, ordersPerExecution = 1, zombiesExpected = false } = options;
  const checks: Readonly<Record<CheckId, (report: Report) => void>> = {
    A1: (report) => checkPublished(snapshot, report),
    A2: (report) => checkOutcomes(snapshot, indexLagMs, report),
    A3: (report) => checkExecutions(snapshot, report),
    A4: (report) => checkOrders(snapshot, ordersPerExecution, report),
    A5: (report) => checkRest(snapshot, report),
    A6: (report) => checkDead(snapshot, report),
    A7: (report) => checkFence(snapshot, zombiesExpected, report),
    A8: (report) => checkOrder(snapshot, indexLagMs, report),
    N1: (report) => checkNotifications(snapshot, report),
  };
  for (const id of Object.keys(CHECKS) as CheckId[]) if (!skip.includes(id)) checks[id](reporter(violations, id));
  return { violations, summary: summaryOf(violations), byCheck: countByCheck(violations) };
}

function summaryOf(violations: readonly Violation[]): CheckSummary {
  const summary = { lost: 0, doubled: 0, stuck: 0, broken: 0 };
  for (const { harm } of violations) summary[harm] += 1;
  return summary;
}

function countByCheck(violations: readonly Violation[]): Partial<Record<CheckId, number>> {
  const counts: Partial<Record<CheckId, number>> = {};
  for (const { check } of violations) counts[check] = (counts[check] ?? 0) + 1;
  return counts;
}

/** `A3 doubled: executions … overlap`, for a terminal. */
export function describeViolation({ check, harm, text }: Violation): string {
  return `${check} ${harm}: ${text}`;
}
