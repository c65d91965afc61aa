import { uniqueName } from '@tripline/testing';

import { buildApps } from '../../tools/demo/build-apps';
import { APP_NAMES } from '../../tools/demo/demo-environment';
import { prepareStack } from '../../tools/local-stack';
import { removeTopic } from '../support/bare/fill-topic';
import type { Bench, BenchContext, BenchResult } from '../support/bench';
import { type SeededPipeline, seedPipelines } from '../support/seed-pipelines';
import { median, round } from '../support/statistics';
import { createWorkplace, type Workplace } from '../support/workplace';
import { type BarePathSummary, measureBarePath } from './bare-path';
import { isMatching, OFFERED_LOADS, type OfferedLoad, tickersOf } from './offered-load';
import { measureRealPath, type RealPathSummary } from './real-path';

const WARM_UP_SECONDS = 20;
const GOAL_RATIO = 1.5;
/** The load that supplies the bench's main figure. */
const SHOWN_RATE = 1_000;

export const latency: Bench = {
  name: 'latency',
  description: 'latency from publishing to a running execution, at 100, 1,000 and 5,000 signals/s from an open loop',
  flags: { rate: 'only this one of the three rates' },
  run: async (context) => measure(context),
};

interface LoadRun {
  readonly real: RealPathSummary;
  readonly bare: BarePathSummary;
}

async function measure(context: BenchContext): Promise<BenchResult> {
  const { options, report } = context;
  report(await buildApps(APP_NAMES));
  const workplace = await createLatencyWorkplace(context);
  for (const app of ['api', 'worker', 'trigger-dispatcher'] as const) {
    await (await workplace.createApp(app)).start();
  }
  const rate = options.number('rate', 0);
  const results = [];
  for (const load of OFFERED_LOADS.filter(({ ratePerSecond }) => rate === 0 || rate === ratePerSecond)) {
    const runs: LoadRun[] = [];
    for (let run = 1; run <= options.runs(3); run += 1) runs.push(await measureLoad(context, workplace, load, run));
    results.push(summariseLoad(load, runs));
  }
  const shown = results.find(({ ratePerSecond }) => ratePerSecond === SHOWN_RATE) ?? results[0];
  if (shown === undefined) throw new Error(`no load of ${rate} signals/s`);
  return {
    ...{ name: 'latency', figure: shown.p95, unit: `ms (p95 at ${shown.ratePerSecond}/s)`, ceiling: shown.bareP95 },
    ratio: shown.ratio,
    goal: `p95 ≤ 15, 30, 100 ms at 100, 1,000, 5,000 signals/s, and ≤ ${GOAL_RATIO} of the bare path`,
    met: results.every(({ isMet }) => isMet),
    ...{ p50: shown.p50, p95: shown.p95, p99: shown.p99, loads: results },
    warmUpSeconds: WARM_UP_SECONDS,
  };
}

async function createLatencyWorkplace(context: BenchContext): Promise<Workplace> {
  const topic = uniqueName('bench_latency');
  const workplace = await createWorkplace(context, topic);
  const { addresses, kafkaKind } = workplace.servers;
  context.onCleanup(() => removeTopic(addresses.KAFKA_BROKERS, topic));
  const environment = { ...addresses, DATABASE_URL: workplace.databaseUrl, KAFKA_TOPIC_SIGNALS: topic };
  await prepareStack({ environment, kafkaKind });
  await seedPipelines(workplace.database, OFFERED_LOADS.flatMap(pipelinesOf));
  return workplace;
}

/** One pipeline for each ticker that should have one; it accepts every signal. */
function pipelinesOf(load: OfferedLoad): SeededPipeline[] {
  return tickersOf(load)
    .filter((_, index) => isMatching(load, index))
    .map((ticker) => ({ tickers: [ticker], subscriptions: [] }));
}

async function measureLoad(
  context: BenchContext,
  workplace: Workplace,
  load: OfferedLoad,
  run: number,
): Promise<LoadRun> {
  const seconds = context.options.seconds(10) + WARM_UP_SECONDS;
  const timed = { ...load, seconds, warmUpSeconds: WARM_UP_SECONDS };
  const bare = await measureBarePath(context, workplace, timed);
  const real = await measureRealPath(context, workplace, { ...timed, seed: load.ratePerSecond + run });
  const show = ({ p50, p95, p99 }: { p50: number; p95: number; p99: number }): string =>
    `p50 ${round(p50)} p95 ${round(p95)} p99 ${round(p99)} ms`;
  context.report(
    `${load.ratePerSecond} signals/s, run ${run}: ${show(real)} (${real.count} executions, ${real.skipped} skipped), ` +
      `bare path ${show(bare)}, ratio of p95 ${round(real.p95 / bare.p95)}`,
  );
  const { publish, decide, enqueue, claim } = real.stretches;
  context.report(`  medians: publish ${publish}, decide ${decide}, enqueue ${enqueue}, claim ${claim} ms`);
  return { real, bare };
}

function summariseLoad(load: OfferedLoad, runs: readonly LoadRun[]) {
  const of = (read: (run: LoadRun) => number): number => median(runs.map(read));
  const p95 = of(({ real }) => real.p95);
  const ratio = of(({ real, bare }) => real.p95 / bare.p95);
  return {
    ratePerSecond: load.ratePerSecond,
    matchesPerSignal: load.matchesPerSignal,
    p50: round(of(({ real }) => real.p50)),
    p95: round(p95),
    p99: round(of(({ real }) => real.p99)),
    bareP50: round(of(({ bare }) => bare.p50)),
    bareP95: round(of(({ bare }) => bare.p95)),
    ratio: round(ratio),
    stretches: runs[0]?.real.stretches,
    goalP95: load.goalP95Ms,
    isMet: p95 <= load.goalP95Ms && ratio <= GOAL_RATIO,
  };
}
