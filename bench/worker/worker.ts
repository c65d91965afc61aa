import { createExecutionQueue, createProducerConnection } from '@tripline/queue';
import { Secret } from '@tripline/runtime';
import { uniqueName } from '@tripline/testing';

import { buildApps } from '../../tools/demo/build-apps';
import { fillQueue } from '../support/bare/fill-queue';
import { startBare } from '../support/bare-process';
import type { Bench, BenchContext, BenchResult } from '../support/bench';
import { decideRuns, ORDER_RUN_ENV, orderPipelines, shareOutPipelines, untilRunsEnded } from '../support/order-runs';
import { cpuSecondsOf } from '../support/process-cpu';
import { seedPipelines } from '../support/seed-pipelines';
import { median, summarise } from '../support/statistics';
import { createWorkplace, type Workplace } from '../support/workplace';

const WARM_UP_SHARE = 0.1;
const NOOP_CONCURRENCY = 50;
const GOAL_RATIO = 0.1;
const GOAL_PER_SECOND = 1_000;

export const worker: Bench = {
  name: 'worker',
  description: 'one worker process runs queued executions of five agents and one order each',
  flags: {
    executions: 'number of queued executions (20000)',
    concurrency: "the worker's concurrency (the worker's default)",
    profile: 'folder for CPU profiles of the worker',
  },
  run: async (context) => measure(context),
};

interface WorkerRun {
  readonly perSecond: number;
  readonly cpuSeconds: number | null;
}

async function measure(context: BenchContext): Promise<BenchResult> {
  const { options, report } = context;
  const executions = options.number('executions', 20_000);
  const concurrency = options.number('concurrency', 0);
  report(await buildApps(['worker']));
  const runs: { figure: number; ceiling: number; run: WorkerRun }[] = [];
  for (let n = 1; n <= options.runs(3); n += 1) {
    const ceiling = await workOffBare(context, executions);
    const run = await workOff(context, executions, concurrency);
    runs.push({ figure: run.perSecond, ceiling, run });
    report(
      `run ${n}: ${Math.round(run.perSecond)} executions/s (${run.cpuSeconds?.toFixed(1)} s of CPU), no-op worker ` +
        `${Math.round(ceiling)} jobs/s, ratio ${(run.perSecond / ceiling).toFixed(3)}`,
    );
  }
  const { figure, ceiling, ratio, ratios } = summarise(runs);
  return {
    ...{ name: 'worker', figure, unit: 'executions/s', ceiling, ratio },
    goal: `≥ ${GOAL_PER_SECOND} executions/s and ≥ ${GOAL_RATIO} of a no-op BullMQ worker`,
    met: ratio >= GOAL_RATIO && figure >= GOAL_PER_SECOND,
    ...{ ratios, executions, warmUpExecutions: executions * WARM_UP_SHARE },
    cpuMsPerExecution: median(runs.map(({ run }) => ((run.cpuSeconds ?? NaN) * 1_000) / executions)),
  };
}

async function workOffBare(context: BenchContext, count: number): Promise<number> {
  const { addresses } = await context.servers();
  const [prefix, queue] = [`{${uniqueName('bare')}}`, 'noop'];
  await fillQueue({ url: addresses.REDIS_URL, prefix, queue, count });
  const args = [addresses.REDIS_URL, prefix, queue, NOOP_CONCURRENCY, count, count * WARM_UP_SHARE].map(String);
  const bare = startBare<{ jobs: number; seconds: number }>(context, 'support/bare/noop-worker.process.ts', args);
  const { jobs, seconds } = await bare.result;
  return jobs / seconds;
}

async function workOff(context: BenchContext, count: number, concurrency: number): Promise<WorkerRun> {
  const workplace = await createWorkplace(context, uniqueName('bench_worker'));
  const { database } = workplace;
  await seedPipelines(database, orderPipelines(count));
  await shareOutPipelines(database);
  await enqueueRuns(workplace);
  const profile = context.options.text('profile', '');
  const env = {
    ...ORDER_RUN_ENV,
    ...(concurrency === 0 ? {} : { WORKER_CONCURRENCY: String(concurrency) }),
    ...(profile === '' ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
  };
  const app = await workplace.createApp('worker', env);
  app.launch();
  await untilRunsEnded(database, count, context.signal);
  const cpuSeconds = await cpuSecondsOf(app.pid());
  const [row] = await database.query<{ seconds: number }>(
    {
      text: `SELECT extract(epoch FROM max(finished_at) - (array_agg(finished_at ORDER BY finished_at))[$1])::float8 AS seconds
FROM executions`,
    },
    [count * WARM_UP_SHARE],
  );
  await workplace.dispose();
  return { perSecond: (count * (1 - WARM_UP_SHARE)) / (row?.seconds ?? NaN), cpuSeconds };
}

/** Enqueues executions as the dispatcher does, in the fair order of their users. */
async function enqueueRuns({ servers, names, database }: Workplace): Promise<void> {
  const config = { url: new Secret(servers.addresses.REDIS_URL), prefix: names.redisPrefix };
  const queue = createExecutionQueue({ connection: createProducerConnection(config), bulkSize: 1_000 });
  await queue.start();
  const runs = await decideRuns(database);
  // Small chunks, because the producer's connection waits only 2 s for an answer.
  for (let from = 0; from < runs.length; from += 2_000) await queue.enqueue(runs.slice(from, from + 2_000));
  await queue.stop();
}
