import { existsSync, readFileSync } from 'node:fs';

import type { BrokerEntry } from '@tripline/audit';

/** A submission as recorded by the fake broker. */
export interface JournalLine {
  readonly clientOrderId: string;
  readonly executionId: string;
  readonly params: string;
  readonly price: string;
  readonly quantity: string;
  readonly at: number;
}

/** The fields that two submissions of one order must share, in the format of the checker's `orderParams`. */
export function canonicalParams(order: Readonly<Record<string, unknown>>): string {
  return ['ticker', 'side', 'type', 'quantity', 'reference_price', 'stop_price', 'target_price']
    .map((name) => order[name] ?? '-')
    .join('|');
}

export function readBrokerJournal(file: string): readonly JournalLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalLine);
}

/** Reads the broker's journal. The broker records an order for every submission. */
export function brokerEntries(file: string): BrokerEntry[] {
  return readBrokerJournal(file).map(({ clientOrderId, executionId, params, at }) => ({
    clientOrderId,
    executionId,
    params,
    accepted: true,
    at,
  }));
}
