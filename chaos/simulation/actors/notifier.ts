import type { SimProcess } from '../kernel/sim-process';
import type { System } from '../system';

const INTERVAL_MS = 5_000;
const BATCH = 20;

/**
 * Sends the committed outbox entries, then marks them as sent: at-least-once delivery. The product has the table but no
 * sender yet; this step follows its design.
 */
export function startNotifier(system: System, process: SimProcess): void {
  const { webhook, notifications, postgres, wiring } = system;
  const stores = wiring.storesOf(system, process);
  const sendAll = async (): Promise<void> => {
    const unsent = await stores.retry('read outbox', () =>
      [...postgres.tables.outbox.values()].filter(({ isSent }) => !isSent).slice(0, BATCH),
    );
    for (const { row } of unsent) {
      await webhook.call(process, `notify ${row.eventId.slice(0, 8)}`, () => void notifications.push(row));
    }
    if (unsent.length === 0) return;
    await stores.retry(`mark ${unsent.length} sent`, () => {
      for (const stored of unsent) stored.isSent = true;
    });
  };
  process.start(async () => {
    for (;;) {
      await sendAll().catch(() => undefined);
      await process.sleep(INTERVAL_MS);
    }
  });
}
