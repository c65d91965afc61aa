import { uniqueName } from '@tripline/testing';

import { buildApps } from '../../tools/demo/build-apps';
import { fillTopic, removeTopic } from '../support/bare/fill-topic';
import { startBare } from '../support/bare-process';
import type { Bench, BenchContext, BenchResult } from '../support/bench';
import { type DispatchRun, followDispatcher, profileEnvironment } from '../support/dispatch-run';
import { cpuSecondsOf } from '../support/process-cpu';
import { seedPipelines } from '../support/seed-pipelines';
import { summarise } from '../support/statistics';
import { createWorkplace } from '../support/workplace';
import { selectivePipelines, selectiveSignal } from './workload';

const PARTITIONS = 4;
const WARM_UP_SHARE = 0.05;
const GOAL_RATIO = 0.5;
const GOAL_PER_SECOND = 50_000;

export const dispatchSelective: Bench = {
  name: 'dispatch-selective',
  description: 'decide and enqueue 1 M signals waiting in Kafka, with 10,000 pipelines and 0.1 matches per signal',
  flags: {
    signals: 'number of signals waiting in Kafka (1000000)',
    pipelines: 'number of pipelines (10000)',
    profile: 'folder for a CPU profile of the dispatcher',
  },
  run: async (context) => measure(context),
};

interface BareRun {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function measure(context: BenchContext): Promise<BenchResult> {
  const { options, report } = context;
  const [signals, pipelines] = [options.number('signals', 1_000_000), options.number('pipelines', 10_000)];
  report(await buildApps(['trigger-dispatcher']));
  const topic = await fillSelectiveTopic(context, signals, pipelines);
  const runs: { figure: number; ceiling: number; dispatch: DispatchRun }[] = [];
  for (let run = 1; run <= options.runs(3); run += 1) {
    const bare = await consumeBare(context, topic, signals);
    const ceiling = bare.records / bare.seconds;
    const dispatch = await dispatchSelectively(context, { topic, signals, pipelines });
    runs.push({ figure: dispatch.perSecond, ceiling, dispatch });
    report(
      `run ${run}: ${Math.round(dispatch.perSecond)} signals/s decided and enqueued (${dispatch.pairs} pairs, ` +
        `${dispatch.triggered} triggered), bare consumer ${Math.round(ceiling)}/s, ratio ${(dispatch.perSecond / ceiling).toFixed(3)}, ` +
        `CPU per signal ${micros(dispatch.cpuSeconds ?? NaN, dispatch.signals)} and ${micros(bare.cpuSeconds, bare.records)}`,
    );
  }
  const { figure, ceiling, ratio, ratios } = summarise(runs);
  const [first] = runs;
  return {
    ...{ name: 'dispatch-selective', figure, unit: 'signals/s', ceiling, ratio },
    goal: `≥ ${GOAL_RATIO} of a bare kafkajs consumer that parses, > ${GOAL_PER_SECOND} signals/s`,
    met: ratio >= GOAL_RATIO && figure > GOAL_PER_SECOND,
    ...{ ratios, signals, pipelines, pairs: first?.dispatch.pairs, triggered: first?.dispatch.triggered },
    warmUpSignals: signals * WARM_UP_SHARE,
  };
}

function micros(seconds: number, count: number): string {
  return `${((seconds * 1e6) / count).toFixed(1)} µs`;
}

/** Creates and fills a topic for this bench; it is removed when the bench ends. */
export async function fillSelectiveTopic(context: BenchContext, signals: number, pipelines: number): Promise<string> {
  const { signal, report } = context;
  const { addresses } = await context.servers();
  const brokers = addresses.KAFKA_BROKERS;
  const topic = uniqueName('bench_selective');
  context.onCleanup(() => removeTopic(brokers, topic));
  const recordOf = (index: number) => selectiveSignal(index, pipelines);
  await fillTopic({ brokers, topic, partitions: PARTITIONS, count: signals, recordOf, signal, report });
  return topic;
}

/** Reads the whole topic with a bare consumer that only parses. */
export async function consumeBare(context: BenchContext, topic: string, signals: number): Promise<BareRun> {
  const { addresses } = await context.servers();
  const args = [addresses.KAFKA_BROKERS, topic, String(signals), String(signals * WARM_UP_SHARE)];
  return startBare<BareRun>(context, 'support/bare/consume.process.ts', args).result;
}

/** Runs one dispatcher on a new database with its pipelines, from its launch to the last decision and job. */
export async function dispatchSelectively(
  context: BenchContext,
  work: { topic: string; signals: number; pipelines: number; env?: Readonly<Record<string, string>> },
): Promise<DispatchRun> {
  const workplace = await createWorkplace(context, work.topic);
  const { database } = workplace;
  await seedPipelines(database, selectivePipelines(work.pipelines));
  const env = { ...profileEnvironment(context), ...work.env };
  const dispatcher = await workplace.createApp('trigger-dispatcher', env);
  dispatcher.launch();
  const result = await followDispatcher(context, {
    database,
    count: work.signals,
    warmUp: work.signals * WARM_UP_SHARE,
    cpuSeconds: () => cpuSecondsOf(dispatcher.pid()),
  });
  await workplace.dispose();
  return result;
}
