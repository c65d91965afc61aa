import type { Pipeline } from '@tripline/triggers';

import { checkSnapshot, describeViolation } from '@tripline/audit';
import type { StoredSnapshot } from './read-snapshot';
import type { TopicContents } from './read-topic';

/** Result of comparing the topic with the database, id by id. */
export interface Recount {
  readonly signals: number;
  readonly signalsByType: Readonly<Record<string, number>>;
  /** Records of the topic that are not valid signals. */
  readonly dead: number;
  readonly decisions: number;
  readonly decisionsByOutcome: Readonly<Record<string, number>>;
  readonly executions: number;
  readonly executionsByStatus: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly pnl: string;
  readonly lost: number;
  /** Duplicates, records out of order and other broken guarantees. */
  readonly doubled: number;
  /** One readable line per fault; at most `MAX_FINDINGS`. */
  readonly findings: readonly string[];
}

const MAX_FINDINGS = 20;

/**
 * Recounts by id with the checker of the fault tests. The topic must hold exactly the `expectedSignalIds`.
 * Pipelines must not have changed since the signals were decided. Whether all work has ended is not checked here.
 */
export function recount(
  topic: TopicContents,
  snapshot: StoredSnapshot,
  pipelines: readonly Pipeline[],
  expectedSignalIds: Iterable<string> = [],
): Recount {
  const { violations, summary } = checkSnapshot(
    {
      ...snapshot,
      published: [...expectedSignalIds].map((signalId) => ({ signalId, acked: true })),
      records: topic.records,
      pipelines: pipelines.map((pipeline) => ({ pipeline, validFrom: -Infinity, validTo: Infinity })),
      jobs: [],
      lag: 0,
      zombies: null,
    },
    { skip: ['A5'] },
  );
  return {
    signals: topic.signals.size,
    signalsByType: countBy([...topic.signals.values()], (signal) => signal.signalType),
    dead: snapshot.dead.length,
    decisions: snapshot.decisionLog.length,
    decisionsByOutcome: countBy(snapshot.decisionLog, (row) => row.outcome),
    executions: snapshot.executions.length,
    executionsByStatus: countBy(snapshot.executions, (row) => row.status),
    orders: snapshot.broker.length,
    pnl: snapshot.pnl,
    lost: summary.lost,
    doubled: summary.doubled + summary.broken,
    findings: violations.slice(0, MAX_FINDINGS).map(describeViolation),
  };
}

function countBy<T>(rows: readonly T[], keyOf: (row: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[keyOf(row)] = (counts[keyOf(row)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
