import { createTopicAdmin } from '@tripline/messaging';
import { createReplayStore, createSignalRepository } from '@tripline/decision-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { enqueueExecutions, type EnqueueOptions } from '@tripline/queue';
import { ConfigError, systemClock } from '@tripline/runtime';
import { createLogger, createMetrics } from '@tripline/telemetry';

import { createClients } from '../clients';
import { loadConfig } from '../config';
import { createDecider } from '../dispatches/recreated-topic';
import { parseReplayArguments, REPLAY_USAGE, type ReplayRequest } from '../replays/replay-arguments';
import { runReplay } from '../replays/replay-run';
import { describeReplay } from '../replays/replay-tally';
import { createLogEnd } from '../signals/log-end';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** `replay --from …`: decides a range of the topic again; see `REPLAY_USAGE`. */
async function main(): Promise<number> {
  const parsed = parseReplayArguments(process.argv.slice(2), systemClock.now());
  if (parsed.kind === 'help') {
    process.stdout.write(`${REPLAY_USAGE}\n`);
    return 0;
  }
  if (parsed.kind === 'wrong') {
    say(`${parsed.message}\n\n${REPLAY_USAGE}`);
    return 2;
  }
  return replay(parsed.request);
}

async function replay(request: ReplayRequest): Promise<number> {
  const config = loadConfig(process.env);
  // Standard output holds only the summary.
  const log = { ...config.common.log, level: 'warn', destination: process.stderr } as const;
  const logger = createLogger({ service: 'trigger-dispatcher', ...log });
  const clients = createClients(config, logger, createMetrics({ service: 'trigger-dispatcher' }));
  const admin = createTopicAdmin(clients.kafka);
  const stop = new AbortController();
  const onSignal = (): void => {
    say('stopping after the chunks in progress');
    stop.abort();
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const components = [clients.database, admin, ...(request.isDryRun ? [] : [clients.queue])];
  try {
    for (const component of components) await component.start();
    const result = await runReplay({
      ...portsOf(config.dispatch, clients, request),
      admin,
      request,
      signal: stop.signal,
    });
    for (const line of describeReplay(result, result.seconds, request.isDryRun)) say(line);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    if (!result.isComplete) say('stopped before the end: run it again, nothing is started twice');
    return result.isComplete ? 0 : 1;
  } finally {
    for (const component of components.reverse()) await component.stop().catch((error: unknown) => say(String(error)));
  }
}

function portsOf(
  { topic, chunkRecords }: ReturnType<typeof loadConfig>['dispatch'],
  clients: ReturnType<typeof createClients>,
  { isDryRun }: ReplayRequest,
) {
  const pipelines = createPipelineRepository(clients.database);
  const store = createReplayStore(clients.database);
  const enqueuing: EnqueueOptions = {
    queue: clients.queue,
    acknowledge: (executions) => clients.decisions.acknowledgeEnqueued(executions),
    onFailed: (error, { length }) =>
      say(`${length} jobs were not enqueued, the sweeper will enqueue them: ${String(error)}`),
  };
  return {
    topic,
    chunkRecords,
    loadProgress: () => createSignalRepository(clients.database).loadProgress(),
    loadPipelines: () => pipelines.loadActive(),
    loadBirths: () => store.loadBirths(),
    decide: createDecider({
      decisions: isDryRun ? { decideChunk: store.previewChunk } : clients.decisions,
      logEnd: createLogEnd(clients.kafka),
      onTopicRecreated: ({ partition, epoch }) =>
        say(`partition ${partition} was truncated or recreated: deciding in epoch ${epoch}`),
    }),
    enqueue: (executions: Parameters<typeof enqueueExecutions>[0]) =>
      isDryRun ? Promise.resolve(true) : enqueueExecutions(executions, enqueuing),
    monotonicMs: systemClock.monotonicMs,
    report: say,
  };
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    say(error instanceof ConfigError || error instanceof Error ? error.message : String(error));
    say('the replay failed: run it again, nothing is started twice');
    process.exitCode = 1;
  },
);
