import type { Ending, ExecutionStore } from '@tripline/execution-store';

import type { SimProcess } from '../kernel/sim-process';
import type { System } from '../system';

/** Sends the notification of an ending before writing the ending. */
export function notifyingBeforeCommit(
  { webhook, notifications }: System,
  process: SimProcess,
  store: ExecutionStore,
): ExecutionStore {
  const tell = ({ executionId, status }: Ending): Promise<void> => {
    const row = { eventId: `${executionId}:ended`, kind: 'execution_ended' as const, executionId, status };
    return webhook.call(process, 'notify early', () => void notifications.push(row));
  };
  return {
    ...store,
    finish: async (ending) => {
      await tell(ending);
      return store.finish(ending);
    },
    finishWithOrder: async (ending) => {
      await tell(ending);
      return store.finishWithOrder(ending);
    },
  };
}
