import { existsSync, readFileSync } from 'node:fs';

import type { BrokerEntry } from '@tripline/audit';

/** A submission as the fake broker wrote it down. */
export interface JournalLine {
  readonly clientOrderId: string;
  readonly executionId: string;
  readonly params: string;
  readonly price: string;
  readonly quantity: string;
  readonly at: number;
}

/** What two orders must agree in to be the same order; the same text as `orderParams` of the checker gives for an intent. */
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

/** Book B. The broker makes an order of every submission. */
export function brokerEntries(file: string): BrokerEntry[] {
  return readBrokerJournal(file).map(({ clientOrderId, executionId, params, at }) => ({
    clientOrderId,
    executionId,
    params,
    accepted: true,
    at,
  }));
}
