import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { buildSignal } from '@tripline/testing';

import type { Bench, BenchContext, BenchResult } from '../support/bench';
import { createRunDelayClock } from '../support/run-delay';
import { median } from '../support/statistics';
import { growingMarket, type Market, type MutableSignal, populate, type Population, SAME_MARKET } from './populations';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
/** Signals per block: first drawn in decoded form, then matched while the clock runs. */
const BLOCK = 1_024;
const BLOCKS_PER_ROUND = 20;
const WARM_UP_ROUNDS = 4;
const GOAL_SIGNALS_PER_SECOND = 2_000_000;
const GOAL_GROWTH = 1.2;
const GOAL_BYTES = 1_024;

export const match: Bench = {
  name: 'match',
  description: 'in-memory matching with 1,000 to 1,000,000 pipelines, 0.1 and 10 matches per signal; no servers',
  flags: { pipelines: 'the largest number of pipelines (1000000)', rounds: 'number of rounds over all sizes (25)' },
  run: async (context) => measure(context),
};

/** One row of the table. */
interface Line {
  readonly market: string;
  readonly pipelines: number;
  /** Measured, per signal. */
  readonly matches: number;
  readonly nsPerSignal: number;
  readonly nsPerMatch: number;
  readonly signalsPerSecond: number;
  readonly bareNsPerSignal: number;
  readonly bytesPerPipeline: number;
}

function measure({ options, report, signal: aborted }: BenchContext): Promise<BenchResult> {
  const largest = options.number('pipelines', SIZES.at(-1) ?? 0);
  const sizes = SIZES.filter((size) => size <= largest);
  const rounds = options.number('rounds', 25);
  const usedBytes = createMemoryGauge();
  const lines: Line[] = [];
  const run = (market: Market, densities: readonly number[]): void => {
    report(`${market.name}: ${market.description}`);
    const populations = sizes.map((size) => populate(market, size, usedBytes));
    // Collects the garbage of building now, so that the collection does not happen during the measurement.
    usedBytes();
    for (const matches of densities) {
      aborted.throwIfAborted();
      const measured = measureSizes(market, populations, matches, rounds);
      for (const line of measured) report(describe(line));
      lines.push(...measured);
    }
  };
  run(SAME_MARKET, [10, 0.1]);
  run(growingMarket(10), [10]);
  run(growingMarket(0.1), [0.1]);
  return Promise.resolve(resultOf(lines));
}

/** Cycles through all sizes in rounds, so that changing machine load affects all of them alike. */
function measureSizes(market: Market, populations: readonly Population[], matches: number, rounds: number): Line[] {
  const signals = Array.from({ length: BLOCK }, (): MutableSignal => {
    return buildSignal({ tickers: [{ ticker: '', signal: 'BULLISH', confidence: 0 }] }) as MutableSignal;
  });
  const keys: string[] = signals.map(() => '');
  const rows = populations.map((population) => ({
    population,
    own: [] as number[],
    bare: [] as number[],
    found: 0,
    seen: 0,
  }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const row of rows) {
      const timed = timeBlocks(row.population, signals, keys, matches);
      if (round < 0) continue;
      row.own.push(timed.ownNs);
      row.bare.push(timed.bareNs);
      row.found += timed.found;
      row.seen += BLOCKS_PER_ROUND * BLOCK;
    }
  }
  return rows.map(({ population, own, bare, found, seen }) => {
    const nsPerSignal = median(own);
    return {
      ...{ market: market.name, pipelines: population.pipelines, matches: found / seen, nsPerSignal },
      nsPerMatch: nsPerSignal / (found / seen),
      signalsPerSecond: 1e9 / nsPerSignal,
      bareNsPerSignal: median(bare),
      bytesPerPipeline: population.bytes / population.pipelines,
    };
  });
}

/** Nanoseconds per signal, over several blocks of new signals. */
function timeBlocks(population: Population, signals: readonly MutableSignal[], keys: string[], matches: number) {
  const { index, bare } = population;
  const sum = { owners: 0 };
  let [ownNs, bareNs, found] = [0, 0, 0];
  for (let block = 0; block < BLOCKS_PER_ROUND; block += 1) {
    population.draw(signals, keys, matches);
    const stopOwn = startTiming();
    for (let place = 0; place < BLOCK; place += 1) found += index.match(signals[place] as MutableSignal).length;
    ownNs += stopOwn();
    population.draw(signals, keys, matches);
    const stopBare = startTiming();
    for (let place = 0; place < BLOCK; place += 1) {
      bare.walk(keys[place] as string, (signals[place] as MutableSignal).tickers[0].confidence, sum);
    }
    bareNs += stopBare();
  }
  const count = BLOCKS_PER_ROUND * BLOCK;
  return { ownNs: ownNs / count, bareNs: bareNs / count, found, checksum: sum.owners };
}

const runDelayMs = createRunDelayClock();

/** Returns a function that gives the elapsed nanoseconds, minus the time during which other programs used the core. */
function startTiming(): () => number {
  const [startedAt, delayAt] = [performance.now(), runDelayMs()];
  return () => (performance.now() - startedAt - (runDelayMs() - delayAt)) * 1e6;
}

function describe(line: Line): string {
  const columns = [
    `${line.pipelines.toLocaleString('en-US').padStart(9)} pipelines`,
    `${line.matches.toFixed(2).padStart(5)} matches/signal`,
    `${line.nsPerMatch.toFixed(1).padStart(7)} ns/match`,
    `${(line.signalsPerSecond / 1e6).toFixed(2).padStart(6)} M signals/s`,
    `bare walk ${(1e3 / line.bareNsPerSignal).toFixed(2).padStart(6)} M/s`,
    `${line.bytesPerPipeline.toFixed(0).padStart(5)} bytes/pipeline`,
  ];
  return columns.join('  ');
}

function resultOf(lines: readonly Line[]): BenchResult {
  const same = lines.filter(({ market }) => market === SAME_MARKET.name);
  const selective = same.find(({ pipelines, matches }) => pipelines === 10_000 && matches < 1) ?? same[0];
  const growth = (market: string, dense: boolean): number => {
    const some = lines.filter((line) => line.market === market && line.matches > 1 === dense);
    return (some.at(-1)?.nsPerSignal ?? NaN) / (some[0]?.nsPerSignal ?? NaN);
  };
  const [figure, ceiling] = [selective?.signalsPerSecond ?? NaN, 1e9 / (selective?.bareNsPerSignal ?? NaN)];
  const growthDense = growth(SAME_MARKET.name, true);
  const growthSelective = growth(SAME_MARKET.name, false);
  const largest = Math.max(...lines.map(({ pipelines }) => pipelines));
  // Taken from the largest size, because at smaller sizes most of it is the first page of memory.
  const bytesPerPipeline = Math.max(
    ...lines.filter((line) => line.pipelines === largest).map((line) => line.bytesPerPipeline),
  );
  return {
    ...{
      name: 'match',
      figure,
      unit: 'signals/s at 0.1 matches and 10,000 pipelines',
      ceiling,
      ratio: figure / ceiling,
    },
    goal: `≥ ${GOAL_SIGNALS_PER_SECOND}/s, cost per match at most ${GOAL_GROWTH} of that at 1,000 pipelines, ≤ ${GOAL_BYTES} bytes a pipeline`,
    met:
      figure >= GOAL_SIGNALS_PER_SECOND &&
      Math.max(growthDense, growthSelective) <= GOAL_GROWTH &&
      bytesPerPipeline <= GOAL_BYTES,
    ...{ growthDense, growthSelective, bytesPerPipeline, largest },
    growingMarket: { growthDense: growth('growing market', true), growthSelective: growth('growing market', false) },
    table: lines.map((line) => ({ ...line, nsPerMatch: Number(line.nsPerMatch.toPrecision(4)) })),
  };
}

/** Bytes in use after a full collection: the JavaScript heap and typed arrays. */
function createMemoryGauge(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
