import type { ExecutionStore, Lease } from '@tripline/execution-store';

/** Runs the agents again at every attempt and gives each order an id of that attempt. */
export function orderIdsPerAttempt(store: ExecutionStore): ExecutionStore {
  const renamed = <T extends { readonly clientOrderId: string }>(order: T, { leaseToken }: Lease): T => ({
    ...order,
    clientOrderId: order.clientOrderId.replace(/\d+$/, String(leaseToken)),
  });
  return {
    ...store,
    claim: async (executionId, generation, options) => {
      const run = await store.claim(executionId, generation, options);
      return run === null || 'denial' in run ? run : { ...run, steps: [], intent: null };
    },
    checkpoint: (checkpoint) => store.checkpoint({ ...checkpoint, intent: renamed(checkpoint.intent, checkpoint) }),
    finishWithOrder: (ending) =>
      store.finishWithOrder({
        ...ending,
        order: renamed(ending.order, ending),
        fill: ending.fill === null ? null : renamed(ending.fill, ending),
      }),
  };
}
