import { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

import { classifyError } from './classify-error';
import { driverErrorOf } from './driver-errors';
import type { Database } from './database';
import { connectionOptions } from './pool';

export interface ChannelListenerOptions {
  /** Name of the component in the lifecycle log. */
  readonly name: string;
  /** A plain SQL identifier. */
  readonly channel: string;
  readonly onNotify: (payload: string | null) => void;
}

export interface ChannelListener {
  readonly name: string;
  /** Resolves when it listens. After that it reconnects until it is stopped. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const RECONNECT_DELAYS_MS = [100, 500, 1_000, 2_000, 5_000] as const;
const LONGEST_DELAY_MS = 5_000;

/**
 * Calls `onNotify` with the payload of every notification on a channel, and with null after a (re)connection:
 * notifications may have been missed, so the caller reloads everything. Uses a dedicated connection, because a pooled
 * one is not permanent.
 */
export function listenToChannel(
  database: Database,
  { name, channel, onNotify }: ChannelListenerOptions,
): ChannelListener {
  const stopped = new AbortController();
  let client: Client | null = null;
  let reconnecting: Promise<void> = Promise.resolve();

  const connect = async (): Promise<void> => {
    const onLost = (): void => {
      if (!stopped.signal.aborted) reconnecting = reconnect();
    };
    client = await openListener(database, { channel, onNotify, onLost });
    if (stopped.signal.aborted) await client.end();
    else onNotify(null);
  };

  const reconnect = async (): Promise<void> => {
    for (let attempt = 0; !stopped.signal.aborted; attempt += 1) {
      await sleep(RECONNECT_DELAYS_MS[attempt] ?? LONGEST_DELAY_MS, undefined, { signal: stopped.signal }).catch(
        () => undefined,
      );
      if (stopped.signal.aborted) return;
      try {
        await connect();
        return;
      } catch (error) {
        report(database, error);
      }
    }
  };

  return {
    name,
    start: connect,
    stop: async () => {
      if (stopped.signal.aborted) return;
      stopped.abort();
      await reconnecting;
      await client?.end();
    },
  };
}

function report(database: Database, error: unknown): void {
  if (error instanceof Error) database.observer.onError?.({ type: classifyError(driverErrorOf(error)).type, error });
}

/** A connection that listens. If it cannot be opened, nothing is left open. `onLost` is called at most once. */
async function openListener(
  database: Database,
  { channel, onNotify, onLost }: { channel: string; onNotify: (payload: string | null) => void; onLost: () => void },
): Promise<Client> {
  const client = new Client({ ...connectionOptions(database.config), query_timeout: 0, statement_timeout: 0 });
  let listens = false;
  let isLost = false;
  // Both events can occur for one failure; the first one wins. Before the connection listens, the failure is thrown by
  // this function.
  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    client.end().catch(() => undefined);
    if (listens) onLost();
  };
  client.on('error', (error) => {
    report(database, error);
    lose();
  });
  client.on('end', lose);
  client.on('notification', ({ payload }) => onNotify(payload === undefined || payload === '' ? null : payload));
  try {
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    if (isLost) throw new Error('the connection was lost while it was being opened');
  } catch (error) {
    lose();
    throw error;
  }
  listens = true;
  return client;
}
