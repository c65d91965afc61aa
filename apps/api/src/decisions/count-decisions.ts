import { signalTypeLabel } from '@tripline/contracts';
import type { DecisionStore } from '@tripline/decision-store';
import type { Metrics } from '@tripline/telemetry';

/** Wraps the store to count decisions after their commit, which keeps the metric equal to the decision log. */
export function countDecisions<Store extends Pick<DecisionStore, 'decideTriggers'>>(
  store: Store,
  metrics: Metrics,
): Store {
  const decided = metrics.counter('dispatch_decisions_total');
  return {
    ...store,
    async decideTriggers(triggers) {
      const result = await store.decideTriggers(triggers);
      for (const { outcome, reason, signalType, triggerMode } of result.decisions) {
        decided.inc({ outcome, reason, signal_type: signalType === null ? triggerMode : signalTypeLabel(signalType) });
      }
      return result;
    },
  };
}
