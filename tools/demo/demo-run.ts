import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { renderPrometheusConfig } from '../../monitoring/prometheus/render';
import { DEMO_RESTART_POLICY } from '../supervision/restart-policy';
import { supervise, type Supervision } from '../supervision/supervise';
import { createLocalStack, findProgram, type KafkaKind, type LocalStack, prepareStack } from '../local-stack';
import { type AppProcess, createAppProcess } from './app-process';
import { buildApps } from './build-apps';
import {
  appEnvironment,
  APP_NAMES,
  type AppName,
  choosePorts,
  type DemoNames,
  type DemoPorts,
  type DemoSecrets,
  loadSecrets,
  ROOT,
  type ServerAddresses,
  withDatabase,
} from './demo-environment';
import { recordProcess, stopLeftBehind } from './left-behind';
import type { DemoInput } from './demo-input';
import { reportTakeover } from './report-takeover';
import { seedDemo } from './seed';
import { supervisedServer } from './supervised-server';

/** Everything a demo runs: the servers and the four services. */
export interface DemoRun {
  readonly names: DemoNames;
  readonly ports: DemoPorts;
  readonly secrets: DemoSecrets;
  readonly servers: ServerAddresses;
  readonly databaseUrl: string;
  readonly prometheusUrl: string | undefined;
  readonly apps: Readonly<Record<AppName, AppProcess>>;
  /** Restarts what dies: the services, and the servers that we started. */
  readonly supervision: Supervision;
  /** Ends supervision, then stops the services, the signal generator first. The servers keep running. */
  stopApps(): Promise<void>;
  /** Does the same, then stops the servers that we started. */
  stop(): Promise<void>;
}

export interface DemoOptions {
  readonly names: DemoNames;
  /** Folder with the servers' data, used by this command only. */
  readonly serversDir: string;
  /** Aborts the start between two of its steps. */
  readonly signal: AbortSignal;
  /** Also start Prometheus if it is installed. */
  readonly withPrometheus: boolean;
  /** The data that the signal generator reads and the demo's pipelines watch. */
  readonly input: DemoInput;
  readonly report: (line: string) => void;
  /** Called when the servers are up, before anything else, e.g. to drop an old database. */
  readonly beforePrepare?: (servers: ServerAddresses) => Promise<void>;
}

/** Starts the servers, applies the schema, creates the topic, the services and the demo's users. The generator starts last. */
export async function startDemo(options: DemoOptions): Promise<DemoRun> {
  const { names, report } = options;
  for (const app of APP_NAMES) await stopLeftBehind(options.serversDir, app);
  const secrets = loadSecrets();
  const ports = await choosePorts();
  const { stack, servers, kafkaKind, prometheusUrl } = await startServers(options, ports);
  const apps = createApps(options, { servers, kafkaKind, ports, secrets });
  const databaseUrl = withDatabase(servers.DATABASE_URL, names.database);
  const stopAppProcesses = async (): Promise<void> => {
    for (const name of [...APP_NAMES].reverse()) await apps[name].stop();
  };
  let supervision: Supervision;
  try {
    options.signal.throwIfAborted();
    await options.beforePrepare?.(servers);
    const environment = { ...servers, DATABASE_URL: databaseUrl, KAFKA_TOPIC_SIGNALS: names.topic };
    const [built] = await Promise.all([buildApps(APP_NAMES), prepareStack({ environment, kafkaKind, report })]);
    report(built);
    await startApps({ apps, ports, secrets }, options);
    supervision = superviseDemo({ apps, stack, databaseUrl, report });
  } catch (error) {
    await stopAppProcesses();
    await stack.stop();
    throw error;
  }
  const stopApps = async (): Promise<void> => {
    await supervision.stop();
    await stopAppProcesses();
  };
  return {
    ...{ names, ports, secrets, servers, databaseUrl, prometheusUrl, apps, supervision, stopApps },
    async stop() {
      await stopApps();
      await stack.stop();
    },
  };
}

interface SuperviseDemoOptions extends Pick<DemoOptions, 'report'> {
  readonly apps: Readonly<Record<AppName, AppProcess>>;
  readonly stack: LocalStack;
  readonly databaseUrl: string;
}

/** Prints the pids, for a reader who wants to kill a process, and supervises the processes from now on. */
function superviseDemo({ apps, stack, databaseUrl, report }: SuperviseDemoOptions): Supervision {
  const pids = [...Object.values(apps), ...stack.running()].map((process) => `${process.name} ${process.pid()}`);
  report(`${'processes'.padEnd(10)} ${pids.join(', ')}`);
  const stopped = new AbortController();
  const supervision = supervise([...Object.values(apps), ...stack.running().map(supervisedServer)], {
    policy: DEMO_RESTART_POLICY,
    report,
    onRestarted({ name, pid }, secondsAgo) {
      if (name !== 'worker' || pid === undefined) return;
      void reportTakeover({ databaseUrl, pid, secondsAgo, report, signal: stopped.signal });
    },
  });
  return {
    ...supervision,
    async stop() {
      stopped.abort();
      await supervision.stop();
    },
  };
}

async function startServers({ serversDir, withPrometheus, report }: DemoOptions, ports: DemoPorts) {
  const prometheusConfigFile = join(serversDir, 'prometheus.yml');
  mkdirSync(serversDir, { recursive: true });
  const target = (app: AppName): string[] => [`127.0.0.1:${ports.metrics[app]}`];
  writeFileSync(
    prometheusConfigFile,
    renderPrometheusConfig({
      targets: {
        backend: target('api'),
        worker: target('worker'),
        'signal-generator': target('signal-generator'),
        'trigger-dispatcher': target('trigger-dispatcher'),
      },
      scrapeIntervalSeconds: 5,
      rulesDir: join(ROOT, 'monitoring', 'prometheus', 'rules'),
    }),
  );
  const prometheus = withPrometheus && findProgram('prometheus') !== undefined;
  const stack: LocalStack = createLocalStack({
    dir: serversDir,
    components: ['kafka', 'redis', 'postgres', ...(prometheus ? (['prometheus'] as const) : [])],
    environment: process.env,
    prometheusConfigFile,
    report,
  });
  const { kafkaKind, prometheusUrl } = await stack.start();
  return { stack, servers: stack.environment() as unknown as ServerAddresses, kafkaKind, prometheusUrl };
}

interface AppContext {
  readonly servers: ServerAddresses;
  readonly kafkaKind: KafkaKind | undefined;
  readonly ports: DemoPorts;
  readonly secrets: DemoSecrets;
}

function createApps(options: DemoOptions, context: AppContext): Record<AppName, AppProcess> {
  // The mock broker supports neither idempotent producers nor the admin API.
  const mock: Record<string, string> =
    context.kafkaKind === 'mock' ? { KAFKA_IDEMPOTENT: 'false', KAFKA_TOPIC_MANAGEMENT: 'false' } : {};
  const create = (app: AppName): AppProcess =>
    createAppProcess({
      name: app,
      distDir: join(ROOT, 'dist', 'apps', app),
      env: appEnvironment({
        app,
        ...context,
        names: options.names,
        extra: { ...mock, ...(app === 'signal-generator' && options.input.generatorEnv) },
      }),
      logFile: join(options.names.logDir, `${app}.log`),
      metricsPort: context.ports.metrics[app],
      onLaunched: (pid) => recordProcess(options.serversDir, app, pid),
    });
  return Object.fromEntries(APP_NAMES.map((app) => [app, create(app)])) as Record<AppName, AppProcess>;
}

/** Starts API and worker, then creates the pipelines so that the dispatcher's first load includes them; the generator is last. */
async function startApps(
  run: Pick<DemoRun, 'apps' | 'ports' | 'secrets'>,
  { input, report, signal }: DemoOptions,
): Promise<void> {
  const start = async (app: AppName): Promise<void> => {
    signal.throwIfAborted();
    const seconds = await run.apps[app].start();
    report(`${app} ready in ${seconds.toFixed(1)} s`);
  };
  await Promise.all([start('api'), start('worker')]);
  const seeded = await seedDemo(`http://127.0.0.1:${run.ports.api}`, run.secrets.password, input.tickers);
  report(`${'demo data'.padEnd(10)} ${seeded.users} users, ${seeded.createdPipelines} new pipelines`);
  await start('trigger-dispatcher');
  await start('signal-generator');
}
