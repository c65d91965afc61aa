import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../machine/run-command';
import type { KafkaListener, Launch, Ports, ServerRecipe } from '../types';
import { classArchiveFlag } from './class-archive';
import { readClusterId } from './kafka-check';

/** Broker heap: enough for the demo, tests and benchmarks; more would take memory from the other processes. */
const HEAP = '-Xmx512m';

/** Options of the embedded broker. */
export interface KafkaOptions {
  readonly java: string;
  readonly jarsDir: string;
  readonly log4jFile: string;
  /** Where the JVM's archive of loaded classes is kept; see class-archive.ts. */
  readonly classArchive: string;
  readonly dir: string;
  readonly preferredPorts: Ports;
  /** Listeners in addition to the default one. */
  readonly listeners?: readonly KafkaListener[];
}

/** Version of the broker, read from its jar's name. */
export function kafkaVersionOf(jars: readonly string[]): string {
  const match = jars.map((name) => /^kafka_2\.13-(.+)\.jar$/.exec(name)).find(Boolean);
  return match?.[1] ?? 'unknown';
}

/** One Kafka node in KRaft mode, broker and controller in one process. */
export function createKafkaRecipe(options: KafkaOptions, version: string): ServerRecipe {
  const propertiesFile = join(options.dir, 'server.properties');
  const { listeners = [] } = options;
  const classPath = join(options.jarsDir, '*');
  return {
    component: 'kafka',
    kind: 'embedded',
    label: `Kafka ${version} (KRaft, one node)`,
    fingerprint: createHash('sha256')
      .update([version, HEAP, propertiesOf(options.dir, [0, 0], listeners)].join('\n'))
      .digest('hex'),
    preferredPorts: options.preferredPorts,
    startDeadlineMs: 60_000,
    stopDeadlineMs: 20_000,
    async prepare(ports: Ports): Promise<void> {
      mkdirSync(options.dir, { recursive: true });
      writeFileSync(propertiesFile, propertiesOf(options.dir, ports, listeners));
      if (!existsSync(join(options.dir, 'data', 'meta.properties'))) await format(options, propertiesFile);
    },
    launch: (ports: Ports): Launch => ({
      command: options.java,
      args: [
        HEAP,
        '-XX:+ExitOnOutOfMemoryError',
        classArchiveFlag(options.classArchive, clusterIdOf(options.dir)),
        '-Djava.net.preferIPv4Stack=true',
        `-Dlog4j2.configurationFile=${options.log4jFile}`,
        `-Dtripline.port=${ports[0]}`,
        '-cp',
        classPath,
        'kafka.Kafka',
        propertiesFile,
      ],
      cwd: options.dir,
    }),
    check: (ports: Ports) => checkCluster(ports[0] ?? 0, options.dir),
    address: (ports: Ports) => `127.0.0.1:${ports[0]}`,
  };
}

async function format(options: KafkaOptions, propertiesFile: string): Promise<void> {
  const args = ['-Xmx128m', '-XX:TieredStopAtLevel=1', `-Dlog4j2.configurationFile=${options.log4jFile}`];
  const tool = ['-cp', join(options.jarsDir, '*'), 'kafka.tools.StorageTool', 'format', '--ignore-formatted'];
  const result = await runCommand(
    options.java,
    [...args, ...tool, '-t', clusterIdOf(options.dir), '-c', propertiesFile],
    {
      cwd: options.dir,
      timeoutMs: 60_000,
    },
  );
  if (result.code !== 0) throw new Error(`Kafka's storage could not be formatted: ${result.output.slice(-2000)}`);
}

/** Settings of a single small node: replication of one, no waiting for more members, small buffers and index files. */
function propertiesOf(dir: string, ports: Ports, more: readonly KafkaListener[]): string {
  const named = more.map(({ port, advertisedPort }, index) => ({ name: `PROXIED${index + 1}`, port, advertisedPort }));
  const list = (first: string, ...rest: string[]): string => [first, ...rest].join(',');
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports[1]}`,
    listeners: list(
      `PLAINTEXT://127.0.0.1:${ports[0]},CONTROLLER://127.0.0.1:${ports[1]}`,
      ...named.map(({ name, port }) => `${name}://127.0.0.1:${port}`),
    ),
    'advertised.listeners': list(
      `PLAINTEXT://127.0.0.1:${ports[0]}`,
      ...named.map(({ name, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort}`),
    ),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': list(
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      ...named.map(({ name }) => `${name}:PLAINTEXT`),
    ),
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Failure tests wait for the session of a killed member, so allow short sessions.
    'group.min.session.timeout.ms': 2000,
    // After a kill the node can register again only when its old session has expired (9 s by default).
    'broker.session.timeout.ms': 4500,
    'broker.heartbeat.interval.ms': 1000,
    'num.partitions': 4,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 4,
    'log.segment.bytes': 67_108_864,
    'log.index.size.max.bytes': 1_048_576,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/** This folder's cluster id in Kafka's form: 16 bytes in URL-safe base64 without a leading dash. */
function clusterIdOf(dir: string): string {
  const id = createHash('sha256').update(dir).digest().subarray(0, 16).toString('base64url');
  return id.replace(/^-/, 'A');
}

/** Checks that the broker that answers is the one with our storage. */
async function checkCluster(port: number, dir: string): Promise<void> {
  const properties = readFileSync(join(dir, 'data', 'meta.properties'), 'utf8');
  const expected = /^cluster\.id=(.+)$/m.exec(properties)?.[1];
  const clusterId = await readClusterId(port);
  if (clusterId !== expected) throw new Error(`another Kafka answers on port ${port}`);
}
