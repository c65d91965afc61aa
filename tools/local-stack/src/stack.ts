import { mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { acquireFileLock } from '../../bootstrap/file-lock.cjs';
import { climb, type ClimbContext } from './climb';
import { ENVIRONMENT_VARIABLE, type MachineFacts } from './ladder';
import { readMachineFacts } from './machine/machine-facts';
import { CACHE_DIR } from './machine/cache-dir';
import { findProgram } from './machine/programs';
import { ManagedServer } from './managed-server';
import { createPrometheusRecipe } from './servers/prometheus';
import {
  ComponentUnavailableError,
  type ComponentName,
  type KafkaKind,
  type KafkaListener,
  type Ports,
  type StackAddresses,
} from './types';

/** How to make a local stack. */
export interface StackOptions {
  /** Folder of the stack, e.g. `<repo>/.local/dev`. Data, pid files and configuration live in it. */
  readonly dir: string;
  /** Servers to provide; Kafka, Redis and Postgres unless told otherwise. */
  readonly components?: readonly ComponentName[];
  /** Where KAFKA_BROKERS, REDIS_URL and DATABASE_URL are looked up; `{}` to provide all of them ourselves. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where downloads are kept between runs; one folder for all stacks of the clone unless told otherwise. */
  readonly cacheDir?: string;
  /** First choice of ports; the next free ones are taken when they are in use. */
  readonly ports?: Partial<Readonly<Record<ComponentName, Ports>>>;
  /** `fast` switches PostgreSQL's fsync off. Default `durable`. */
  readonly durability?: 'durable' | 'fast';
  /** For tests that put a proxy between clients and the broker. */
  readonly kafkaListeners?: readonly KafkaListener[];
  /** Configuration of Prometheus; needed when `prometheus` is among the components. */
  readonly prometheusConfigFile?: string;
  /** Receives one line per event; nothing is printed by default. */
  readonly report?: (line: string) => void;
}

/** One server of a started stack, for tests that take it away. External servers refuse all of it. */
export interface StackComponent {
  readonly name: ComponentName;
  readonly external: boolean;
  pid(): number | undefined;
  /** Value of the environment variable that names it; throws when it does not run. */
  address(): string;
  readonly logFile: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops and starts on the same address (a mock Kafka gets a new one and loses its data). */
  restart(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: connections stay, answers do not come. */
  pause(): void;
  resume(): void;
}

/** The servers Tripline needs, on this machine. */
export interface LocalStack {
  /** Starts what is missing; a second call is harmless. Throws {@link ComponentUnavailableError} with advice. */
  start(): Promise<StackAddresses>;
  /** Stops what this stack runs; data stay. External servers are left alone. */
  stop(): Promise<void>;
  component(name: ComponentName): StackComponent;
  /** Every server that this stack has started or reused. */
  running(): readonly StackComponent[];
  addresses(): StackAddresses;
  /** `KAFKA_BROKERS`, `REDIS_URL`, … for child processes. */
  environment(): Record<string, string>;
}

const DEFAULT_COMPONENTS: readonly ComponentName[] = ['kafka', 'redis', 'postgres'];
/** Kafka's second port is its controller's. */
const DEFAULT_PORTS: Readonly<Record<ComponentName, Ports>> = {
  kafka: [9092, 9093],
  redis: [6379],
  postgres: [5432],
  prometheus: [9090],
};
const LOCK_WAIT_MS = 180_000;

/** Makes a stack; nothing happens before {@link LocalStack.start}. */
export function createLocalStack(options: StackOptions): LocalStack {
  return new Stack(options);
}

class Stack implements LocalStack {
  private readonly servers = new Map<ComponentName, ManagedServer>();
  private readonly external = new Map<ComponentName, string>();
  private readonly components: readonly ComponentName[];
  private readonly report: (line: string) => void;
  private readonly logDir: string;
  private readonly cacheDir: string;

  constructor(private readonly options: StackOptions) {
    this.components = options.components ?? DEFAULT_COMPONENTS;
    this.report = options.report ?? (() => undefined);
    this.cacheDir = options.cacheDir ?? CACHE_DIR;
    this.logDir = join(dirname(options.dir), 'logs', basename(options.dir));
  }

  async start(): Promise<StackAddresses> {
    mkdirSync(this.options.dir, { recursive: true });
    // Held only while starting, so that two runs do not start the same servers twice.
    const unlock = await acquireFileLock(join(this.options.dir, 'start.lock'), { waitMs: LOCK_WAIT_MS });
    if (!unlock) throw new Error(`Another run has been starting ${this.options.dir} for ${LOCK_WAIT_MS / 1000} s`);
    try {
      const facts = await readMachineFacts(this.cacheDir);
      const results = await Promise.allSettled(this.components.map((name) => this.startOne(name, facts)));
      const failed = results.filter((result) => result.status === 'rejected');
      if (failed.length > 0) {
        await this.stop();
        throw joinErrors(failed.map((result) => result.reason as unknown));
      }
      return this.addresses();
    } finally {
      unlock();
    }
  }

  async stop(): Promise<void> {
    // Prometheus first, so that it does not record the others' end as an outage; the rest do not know each other.
    await this.servers.get('prometheus')?.stop();
    await Promise.all([...this.servers.values()].map((server) => server.stop()));
  }

  component(name: ComponentName): StackComponent {
    const server = this.servers.get(name);
    if (!server) {
      const why = this.external.has(name) ? 'is named by the environment: not ours to touch' : 'was not started';
      throw new Error(`${name} ${why}`);
    }
    return {
      name,
      external: false,
      pid: () => server.pid(),
      address: () => server.address(),
      logFile: server.logFile,
      start: async () => void (await server.start()),
      stop: () => server.stop(),
      restart: () => server.restart(),
      kill: () => server.kill(),
      pause: () => server.pause(),
      resume: () => server.resume(),
    };
  }

  running(): readonly StackComponent[] {
    return [...this.servers.keys()].map((name) => this.component(name));
  }

  addresses(): StackAddresses {
    return {
      kafkaBrokers: this.addressOf('kafka'),
      kafkaKind: this.kafkaKind(),
      redisUrl: this.addressOf('redis'),
      databaseUrl: this.addressOf('postgres'),
      prometheusUrl: this.addressOf('prometheus'),
    };
  }

  environment(): Record<string, string> {
    return environmentOf(this.addresses());
  }

  private addressOf(name: ComponentName): string | undefined {
    return this.external.get(name) ?? this.servers.get(name)?.address();
  }

  private kafkaKind(): KafkaKind | undefined {
    if (this.external.has('kafka')) return 'external';
    return this.servers.get('kafka')?.recipe.kind;
  }

  private async startOne(name: ComponentName, facts: MachineFacts): Promise<void> {
    const from = performance.now();
    if (name !== 'prometheus') {
      const variable = ENVIRONMENT_VARIABLE[name];
      const named = this.options.environment?.[variable];
      if (named) {
        this.external.set(name, named);
        this.report(`${name.padEnd(10)} given by ${variable}`);
        return;
      }
    }
    const recipe = name === 'prometheus' ? this.prometheus() : await climb(name, facts, this.climbContext());
    const server = new ManagedServer(recipe, this.options.dir, this.logDir);
    this.servers.set(name, server);
    const kind = await server.start();
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    this.report(`${name.padEnd(10)} ${recipe.label} ${kind} in ${seconds} s at ${withoutPassword(server.address())}`);
  }

  private prometheus(): ReturnType<typeof createPrometheusRecipe> {
    const binary = findProgram('prometheus');
    const configFile = this.options.prometheusConfigFile;
    if (!binary) throw new ComponentUnavailableError('Prometheus not found (Debian package: prometheus)');
    if (!configFile) throw new Error('prometheusConfigFile is needed to start Prometheus');
    const dir = join(this.options.dir, 'prometheus');
    return createPrometheusRecipe({ binary, configFile, dir, preferredPorts: this.portsOf('prometheus') });
  }

  private climbContext(): ClimbContext {
    return {
      stackDir: this.options.dir,
      cacheDir: this.cacheDir,
      ports: { kafka: this.portsOf('kafka'), redis: this.portsOf('redis'), postgres: this.portsOf('postgres') },
      durability: this.options.durability ?? 'durable',
      kafkaListeners: this.options.kafkaListeners ?? [],
      report: this.report,
    };
  }

  private portsOf(name: ComponentName): Ports {
    return this.options.ports?.[name] ?? DEFAULT_PORTS[name];
  }
}

/** The variables that name the servers; for a mock broker also those that spare it what it does not know. */
function environmentOf(addresses: StackAddresses): Record<string, string> {
  const { kafkaBrokers, kafkaKind, redisUrl, databaseUrl } = addresses;
  return {
    ...(kafkaBrokers ? { KAFKA_BROKERS: kafkaBrokers } : {}),
    ...(kafkaKind === 'mock' ? { KAFKA_IDEMPOTENT: 'false', KAFKA_TOPIC_MANAGEMENT: 'false' } : {}),
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  };
}

function withoutPassword(address: string): string {
  return address.replace(/:\/\/[^@/]*@/, '://');
}

function joinErrors(reasons: readonly unknown[]): Error {
  const messages = reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
  const known = reasons.every((reason) => reason instanceof ComponentUnavailableError);
  return known
    ? new ComponentUnavailableError(messages.join('\n\n'))
    : new Error(messages.join('\n\n'), { cause: reasons[0] });
}
