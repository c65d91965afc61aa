import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { stopAllLeftBehind } from '../../tools/demo/left-behind';
import { createLocalStack, findFreePorts, type LocalStack, stopRunning } from '../../tools/local-stack';
import { type TcpProxy, startTcpProxy } from '../proxy/tcp-proxy';

export const ROOT = resolve(__dirname, '../..');

/** The six links between our processes and the servers; each has its own proxy. */
export const LINKS = [
  'generator-kafka',
  'dispatcher-kafka',
  'dispatcher-redis',
  'dispatcher-postgres',
  'worker-redis',
  'worker-postgres',
] as const;
export type LinkName = (typeof LINKS)[number];

/** Preferred ports; if one is in use, the next free one is taken. */
const PORTS = { kafka: [27_092, 27_093], redis: [27_379], postgres: [27_432] };
const FIRST_PROXY_PORT = 27_500;

/** Kafka, Redis and PostgreSQL for this command only, and the proxies in front of them. */
export interface Servers {
  /** Name of the command, e.g. `nightly`. */
  readonly name: string;
  readonly stack: LocalStack;
  /** Folder of this command: logs, journals and evidence by phase. */
  readonly dir: string;
  readonly links: Readonly<Record<LinkName, TcpProxy>>;
  /** Addresses without a proxy, for the harness. */
  readonly direct: Readonly<Record<'KAFKA_BROKERS' | 'REDIS_URL' | 'DATABASE_URL', string>>;
  stop(): Promise<void>;
}

/** The same URL with another port. */
function atPort(url: string, port: number): string {
  const moved = new URL(url);
  moved.port = String(port);
  return moved.toString();
}

/** The address of a server through a link. */
export function addressesBy(servers: Servers, app: 'generator' | 'dispatcher' | 'worker'): Record<string, string> {
  const { links, direct } = servers;
  const kafka = (link: LinkName): string => `127.0.0.1:${links[link].port}`;
  switch (app) {
    case 'generator':
      return { KAFKA_BROKERS: kafka('generator-kafka') };
    case 'dispatcher':
      return {
        KAFKA_BROKERS: kafka('dispatcher-kafka'),
        REDIS_URL: atPort(direct.REDIS_URL, links['dispatcher-redis'].port),
        DATABASE_URL: atPort(direct.DATABASE_URL, links['dispatcher-postgres'].port),
      };
    case 'worker':
      return {
        REDIS_URL: atPort(direct.REDIS_URL, links['worker-redis'].port),
        DATABASE_URL: atPort(direct.DATABASE_URL, links['worker-postgres'].port),
      };
  }
}

/** Directly below .local, next to the downloads that all stacks share. */
export const stackDirOf = (name: string): string => join(ROOT, '.local', `${name}-chaos`);

/** Starts empty servers and the proxies; first stops leftovers of an interrupted command. */
export async function startServers(options: {
  readonly name: string;
  readonly random: () => number;
  readonly report: (line: string) => void;
}): Promise<Servers> {
  const stackDir = stackDirOf(options.name);
  const dir = join(ROOT, '.local', 'chaos', options.name);
  await stopAllLeftBehind(join(dir, 'processes'));
  await stopRunning(stackDir, () => undefined);
  for (const old of [stackDir, dir]) rmSync(old, { recursive: true, force: true });
  const ports = await findFreePorts(Array.from({ length: LINKS.length + 2 }, (_, index) => FIRST_PROXY_PORT + index));
  const [generatorListener, dispatcherListener, ...proxyPorts] = ports as [number, number, ...number[]];
  const portOf = (link: LinkName): number => proxyPorts[LINKS.indexOf(link)] as number;
  const stack = createLocalStack({
    dir: stackDir,
    ports: PORTS,
    environment: {},
    report: options.report,
    kafkaListeners: [
      { port: generatorListener, advertisedPort: portOf('generator-kafka') },
      { port: dispatcherListener, advertisedPort: portOf('dispatcher-kafka') },
    ],
  });
  await stack.start();
  const direct = stack.environment() as Servers['direct'];
  const redis = Number(new URL(direct.REDIS_URL).port);
  const postgres = Number(new URL(direct.DATABASE_URL).port);
  const targets: Record<LinkName, number> = {
    'generator-kafka': generatorListener,
    'dispatcher-kafka': dispatcherListener,
    'dispatcher-redis': redis,
    'dispatcher-postgres': postgres,
    'worker-redis': redis,
    'worker-postgres': postgres,
  };
  const started = await Promise.all(
    LINKS.map(async (link) => {
      const proxy = await startTcpProxy({ port: portOf(link), targetPort: targets[link], random: options.random });
      return [link, proxy] as const;
    }),
  );
  const links = Object.fromEntries(started) as Record<LinkName, TcpProxy>;
  return {
    name: options.name,
    stack,
    dir,
    links,
    direct,
    stop: async () => {
      await Promise.all(Object.values(links).map((link) => link.close()));
      await stopRunning(stackDir, () => undefined);
    },
  };
}
