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

/** Options of a local stack. */
export interface StackOptions {
  /** Folder of the stack, e.g. `<repo>/.local/dev`. Data, pid files and configuration live in it. */
  readonly dir: string;
  /** Servers to provide; default: Kafka, Redis and Postgres. */
  readonly components?: readonly ComponentName[];
  /** Source of KAFKA_BROKERS, REDIS_URL and DATABASE_URL; `{}` starts all servers locally. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Download cache; default: one folder for all stacks of the clone. */
  readonly cacheDir?: string;
  /** Preferred ports; a port in use is replaced by the next free one. */
  readonly ports?: Partial<Readonly<Record<ComponentName, Ports>>>;
  /** `fast` switches PostgreSQL's fsync off. Default `durable`. */
  readonly durability?: 'durable' | 'fast';
  /** For tests that put a proxy between clients and the broker. */
  readonly kafkaListeners?: readonly KafkaListener[];
  /** Configuration of Prometheus; required when `prometheus` is among the components. */
  readonly prometheusConfigFile?: string;
  /** Receives one line per event; nothing is printed by default. */
  readonly report?: (line: string) => void;
}

/** Controls one server of a started stack, for fault tests. Throws for external servers. */
export interface StackComponent {
  readonly name: ComponentName;
  readonly external: boolean;
  pid(): number | undefined;
  /** Value of the environment variable that names it; throws when it is not running. */
  address(): string;
  readonly logFile: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops and starts at the same address (a mock Kafka gets a new address and loses its data). */
  restart(): Promise<void>;
  /** Simulates a crash with SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: connections stay open but get no answers. */
  pause(): void;
  resume(): void;
}

/** The servers Tripline needs, on this machine. */
export interface LocalStack {
  /** Starts what is missing; a second call is harmless. Throws {@link ComponentUnavailableError} with advice. */
  start(): Promise<StackAddresses>;
  /** Stops this stack's servers and keeps their data. External servers are not touched. */
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

/** Creates a stack; nothing runs before {@link LocalStack.start}. */
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
    // Held only during the start, so that two commands do not start the same servers.
    const unlock = await acquireFileLock(join(this.options.dir, 'start.lock'), { waitMs: LOCK_WAIT_MS });
    if (!unlock) throw new Error(`Another command has been starting ${this.options.dir} for ${LOCK_WAIT_MS / 1000} s`);
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
    // Prometheus stops first, so that it records no outage. The other servers are independent of each other.
    await this.servers.get('prometheus')?.stop();
    await Promise.all([...this.servers.values()].map((server) => server.stop()));
  }

  component(name: ComponentName): StackComponent {
    const server = this.servers.get(name);
    if (!server) {
      const why = this.external.has(name)
        ? 'is named by the environment and not managed by this stack'
        : 'was not started';
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

/** The variables that name the servers; for a mock broker also those that disable features it lacks. */
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
