import { decodeSignal, toSignalMessage } from '@tripline/contracts';
import { buildSignal } from '@tripline/testing';

import type { Bench, BenchContext, BenchResult } from '../support/bench';
import { summarise } from '../support/statistics';

const MESSAGES = 2_000;
const WARM_UP_SECONDS = 0.3;
const GOAL_RATIO = 0.2;

/** The cost of full validation: decoding bytes to a validated signal, compared with `JSON.parse` of the same bytes. */
export const decode: Bench = {
  name: 'decode',
  description: "decode a record's bytes to a checked signal, against JSON.parse of the same bytes; no servers",
  run: async (context) => measure(context),
};

async function measure({ options, report }: BenchContext): Promise<BenchResult> {
  const values = Array.from({ length: MESSAGES }, (_, index) => {
    const ticker = { ticker: `T-${index % 500}`, signal: 'BULLISH', confidence: index % 100 } as const;
    return Buffer.from(JSON.stringify(toSignalMessage(buildSignal({ tickers: [ticker] }))));
  });
  const seconds = options.seconds(1);
  const parse = (value: Buffer): unknown => JSON.parse(value.toString('utf8'));
  perSecond(values, decodeSignal, WARM_UP_SECONDS);
  perSecond(values, parse, WARM_UP_SECONDS);
  const runs = Array.from({ length: options.runs(3) }, () => ({
    ceiling: perSecond(values, parse, seconds),
    figure: perSecond(values, decodeSignal, seconds),
  }));
  const { figure, ceiling, ratio, ratios } = summarise(runs);
  report(`${Math.round(figure)} signals/s decoded, ${Math.round(ceiling)}/s parsed only`);
  const goal = `≥ ${GOAL_RATIO} of JSON.parse`;
  return { name: 'decode', figure, unit: 'signals/s', ceiling, ratio, goal, met: ratio >= GOAL_RATIO, ratios };
}

/** Calls of `work` per second, cycling through the values for at least `seconds`. */
function perSecond(values: readonly Buffer[], work: (value: Buffer) => unknown, seconds: number): number {
  const startedAt = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  while (elapsedMs < seconds * 1_000) {
    for (const value of values) work(value);
    calls += values.length;
    elapsedMs = performance.now() - startedAt;
  }
  return (calls / elapsedMs) * 1_000;
}
