import { signalTypeLabel } from '@tripline/contracts';
import type { DecisionStore } from '@tripline/decision-store';
import type { Metrics } from '@tripline/telemetry';

/** The store, counting what it decided after the commit, so that ledger and metric agree. */
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
