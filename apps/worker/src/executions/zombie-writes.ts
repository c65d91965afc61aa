import type { Metrics } from '@tripline/telemetry';

/** Counts writes and renewals denied because another worker owns the execution. */
export function createZombieWriteCounter(metrics: Metrics) {
  const denied = metrics.counter('zombie_writes_rejected_total');
  return ({ operation }: { readonly operation: Parameters<typeof denied.inc>[0]['operation'] }): void =>
    denied.inc({ operation });
}
