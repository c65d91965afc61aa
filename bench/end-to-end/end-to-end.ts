import { uniqueName } from '@tripline/testing';

import { buildApps } from '../../tools/demo/build-apps';
import { fillTopic, removeTopic } from '../support/bare/fill-topic';
import { startBare } from '../support/bare-process';
import type { Bench, BenchContext, BenchResult } from '../support/bench';
import { ORDER_RUN_ENV, orderPipelines, orderSignal, shareOutPipelines, untilRunsEnded } from '../support/order-runs';
import { seedPipelines } from '../support/seed-pipelines';
import { summarise } from '../support/statistics';
import { createWorkplace } from '../support/workplace';

const PARTITIONS = 4;
const NOOP_CONCURRENCY = 50;
const GOAL_RATIO = 0.15;
const GOAL_PER_SECOND = 900;

export const endToEnd: Bench = {
  name: 'end-to-end',
  description: 'from signals waiting in Kafka, one match each, to committed executions of five agents and one order',
  flags: { signals: 'number of signals waiting in Kafka (20000)' },
  run: async (context) => measure(context),
};

async function measure(context: BenchContext): Promise<BenchResult> {
  const { options, report, signal } = context;
  const signals = options.number('signals', 20_000);
  report(await buildApps(['trigger-dispatcher', 'worker']));
  const { addresses } = await context.servers();
  const [brokers, topic] = [addresses.KAFKA_BROKERS, uniqueName('bench_end_to_end')];
  context.onCleanup(() => removeTopic(brokers, topic));
  await fillTopic({ brokers, topic, partitions: PARTITIONS, count: signals, recordOf: orderSignal, signal, report });
  const runs: { figure: number; ceiling: number }[] = [];
  for (let n = 1; n <= options.runs(3); n += 1) {
    const ceiling = await runBare(context, topic, signals);
    const figure = await runServices(context, topic, signals);
    runs.push({ figure, ceiling });
    report(
      `run ${n}: ${Math.round(figure)} signals/s to committed executions, bare path ${Math.round(ceiling)}/s, ` +
        `ratio ${(figure / ceiling).toFixed(3)}`,
    );
  }
  const { figure, ceiling, ratio, ratios } = summarise(runs);
  return {
    ...{ name: 'end-to-end', figure, unit: 'signals/s', ceiling, ratio },
    goal: `≥ ${GOAL_RATIO} of bare kafkajs → addBulk → no-op worker, ≥ ${GOAL_PER_SECOND}/s`,
    met: ratio >= GOAL_RATIO && figure >= GOAL_PER_SECOND,
    ...{ ratios, signals, warmUp: 'none: from the first batch or decision to the last job or commit' },
  };
}

/** Signals per second, from the first batch to the end of the last job. */
async function runBare(context: BenchContext, topic: string, signals: number): Promise<number> {
  const { addresses } = await context.servers();
  const [prefix, queue] = [`{${uniqueName('bare')}}`, 'noop'];
  const worker = startBare<{ endedAt: number }>(
    context,
    'support/bare/noop-worker.process.ts',
    [addresses.REDIS_URL, prefix, queue, NOOP_CONCURRENCY, signals, 0].map(String),
  );
  await worker.firstLine;
  const consumer = startBare<{ startedAt: number }>(
    context,
    'support/bare/enqueue-topic.process.ts',
    [addresses.KAFKA_BROKERS, topic, signals, addresses.REDIS_URL, prefix, queue].map(String),
  );
  const [{ startedAt }, { endedAt }] = await Promise.all([consumer.result, worker.result]);
  return (signals * 1_000) / (endedAt - startedAt);
}

/** Signals per second, from the first decision to the commit of the last execution. */
async function runServices(context: BenchContext, topic: string, signals: number): Promise<number> {
  const workplace = await createWorkplace(context, topic);
  const { database } = workplace;
  await seedPipelines(database, orderPipelines(signals));
  await shareOutPipelines(database);
  await database.query({ text: 'ANALYZE' });
  const worker = await workplace.createApp('worker', ORDER_RUN_ENV);
  const dispatcher = await workplace.createApp('trigger-dispatcher');
  await worker.start();
  dispatcher.launch();
  await untilRunsEnded(database, signals, context.signal);
  const [row] = await database.query<{ seconds: number }>({
    text: `SELECT extract(epoch FROM (SELECT max(finished_at) FROM executions)
  - (SELECT min(decided_at) FROM signal_matches))::float8 AS seconds`,
  });
  await workplace.dispose();
  return signals / (row?.seconds ?? NaN);
}
