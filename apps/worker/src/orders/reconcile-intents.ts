import { DatabaseUnavailableError } from '@tripline/database';
import type { IntentStore, OpenIntent } from '@tripline/trading-store';
import { type Component, createIntervalLoop } from '@tripline/runtime';

import type { VenueOf } from './broker';

export interface IntentReconcilerOptions {
  readonly store: IntentStore;
  readonly venueOf: VenueOf;
  readonly intervalMs: number;
  readonly onReconciled: (clientOrderId: string, outcome: 'adopted' | 'rejected' | 'abandoned') => void;
  readonly onFailed: (error: unknown) => void;
}

/** Longer than an order can be in flight to the broker. */
const SETTLED_AFTER_MS = 15_000;
const BATCH_SIZE = 100;

/**
 * Reconciles intents of executions that ended before they knew the outcome: killed in their last attempt, cancelled, replaced or
 * timed out. Asks the broker: an order it has is stored, an order it does not have is abandoned. Any number may run. (An
 * execution that has not ended asks for itself in its next attempt.)
 */
export function createIntentReconciler(options: IntentReconcilerOptions): Component {
  const reconcile = async ({ intent, venue }: OpenIntent): Promise<void> => {
    const target = options.venueOf(venue);
    if (target?.kind !== 'external') return;
    const { clientOrderId } = intent;
    try {
      const answer = await target.broker.find(clientOrderId);
      if (answer === null) {
        await options.store.abandon(clientOrderId);
        options.onReconciled(clientOrderId, 'abandoned');
        return;
      }
      const rejection = answer.status === 'rejected' ? answer.reason : null;
      // A fill is stored together with those of the other resting orders, which are also looked up at their broker.
      const isNew = await options.store.adopt(clientOrderId, rejection);
      if (isNew) options.onReconciled(clientOrderId, rejection === null ? 'adopted' : 'rejected');
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error;
      options.onFailed(error);
    }
  };

  const reconcileAll = async (isStopping: () => boolean): Promise<void> => {
    for (const open of await options.store.loadOpen(SETTLED_AFTER_MS, BATCH_SIZE)) {
      if (isStopping()) return;
      await reconcile(open);
    }
  };

  return createIntervalLoop({
    name: 'intent-reconciler',
    intervalMs: options.intervalMs,
    run: reconcileAll,
    onFailed: options.onFailed,
  });
}
