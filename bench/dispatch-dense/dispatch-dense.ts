import { uniqueName } from '@tripline/testing';

import { buildApps } from '../../tools/demo/build-apps';
import { fillTopic, removeTopic } from '../support/bare/fill-topic';
import { startBare } from '../support/bare-process';
import type { Bench, BenchContext, BenchResult } from '../support/bench';
import { type DispatchRun, followDispatcher, profileEnvironment } from '../support/dispatch-run';
import { cpuSecondsOf } from '../support/process-cpu';
import { type SeededPipeline, seedPipelines } from '../support/seed-pipelines';
import { benchSignalId, encodeSignal, signalTypeOf, tickerOf, traceparentOf } from '../support/signals';
import { summarise } from '../support/statistics';
import { createWorkplace } from '../support/workplace';

const PARTITIONS = 4;
const TICKERS = 100;
const MATCHES_PER_SIGNAL = 10;
const WARM_UP_SHARE = 0.1;
const ROWS_PER_STATEMENT = 1_000;
const GOAL_RATIO = 0.5;

export const dispatchDense: Bench = {
  name: 'dispatch-dense',
  description:
    '10 matches per signal, most skipped because an execution is active, against bare inserts of the same decision rows',
  flags: {
    signals: 'number of signals waiting in Kafka (30000)',
    profile: 'folder for a CPU profile of the dispatcher',
  },
  run: async (context) => measure(context),
};

async function measure(context: BenchContext): Promise<BenchResult> {
  const { options, report } = context;
  const signals = options.number('signals', 30_000);
  report(await buildApps(['trigger-dispatcher']));
  const topic = await fillDenseTopic(context, signals);
  const runs: { figure: number; ceiling: number; dispatch: DispatchRun }[] = [];
  for (let run = 1; run <= options.runs(3); run += 1) {
    const { dispatch, ceiling } = await measureOnce(context, topic, signals);
    const figure = dispatch.perSecond * MATCHES_PER_SIGNAL;
    runs.push({ figure, ceiling, dispatch });
    report(
      `run ${run}: ${Math.round(figure)} pairs/s decided (${dispatch.triggered} of ${dispatch.pairs} triggered), ` +
        `bare inserts ${Math.round(ceiling)} rows/s, ratio ${(figure / ceiling).toFixed(3)}`,
    );
  }
  const { figure, ceiling, ratio, ratios } = summarise(runs);
  return {
    ...{ name: 'dispatch-dense', figure, unit: 'pairs/s', ceiling, ratio },
    goal: `≥ ${GOAL_RATIO} of bare INSERT … SELECT unnest of the same rows`,
    met: ratio >= GOAL_RATIO,
    ...{ ratios, signals, pairs: runs[0]?.dispatch.pairs, triggered: runs[0]?.dispatch.triggered },
    warmUpSignals: signals * WARM_UP_SHARE,
    rowsPerStatement: ROWS_PER_STATEMENT,
  };
}

/** Ten pipelines watch each ticker and accept every signal. */
function densePipelines(): SeededPipeline[] {
  return Array.from({ length: TICKERS * MATCHES_PER_SIGNAL }, (_, index) => ({
    tickers: [tickerOf(index % TICKERS)],
    subscriptions: [{ signalType: signalTypeOf(0), minConfidence: 10 }],
  }));
}

async function fillDenseTopic(context: BenchContext, count: number): Promise<string> {
  const { signal, report } = context;
  const { addresses } = await context.servers();
  const brokers = addresses.KAFKA_BROKERS;
  const topic = uniqueName('bench_dense');
  context.onCleanup(() => removeTopic(brokers, topic));
  const recordOf = (index: number) => {
    const ticker = tickerOf(index % TICKERS);
    const timestamp = '2026-01-05T15:00:00.000Z';
    const value = { id: benchSignalId(index), signalType: signalTypeOf(0), ticker, confidence: 50, timestamp };
    return { key: ticker, value: encodeSignal(value), headers: { traceparent: traceparentOf(index) } };
  };
  await fillTopic({ brokers, topic, partitions: PARTITIONS, count, recordOf, signal, report });
  return topic;
}

/** Runs the dispatcher, then inserts the rows it wrote with the bare driver on the same server. */
async function measureOnce(
  context: BenchContext,
  topic: string,
  signals: number,
): Promise<{ dispatch: DispatchRun; ceiling: number }> {
  const workplace = await createWorkplace(context, topic);
  const { database, databaseUrl } = workplace;
  await seedPipelines(database, densePipelines());
  const dispatcher = await workplace.createApp('trigger-dispatcher', profileEnvironment(context));
  dispatcher.launch();
  const dispatch = await followDispatcher(context, {
    database,
    count: signals,
    warmUp: signals * WARM_UP_SHARE,
    cpuSeconds: () => cpuSecondsOf(dispatcher.pid()),
  });
  await dispatcher.stop();
  const args = [databaseUrl, String(ROWS_PER_STATEMENT)];
  const bare = startBare<{ records: number; seconds: number }>(
    context,
    'dispatch-dense/bare/insert-ledger.process.ts',
    args,
  );
  const { records, seconds } = await bare.result;
  await workplace.dispose();
  return { dispatch, ceiling: records / seconds };
}
