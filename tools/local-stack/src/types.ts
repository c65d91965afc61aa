/** The servers that the local stack can provide. */
export type ComponentName = 'kafka' | 'redis' | 'postgres' | 'prometheus';

/** `mock` is librdkafka's in-memory broker: no createTopics, no idempotent producer, nothing survives a restart. */
export type KafkaKind = 'external' | 'embedded' | 'mock';

/** Addresses of the started servers; undefined for components that were not requested. */
export interface StackAddresses {
  readonly kafkaBrokers?: string;
  readonly kafkaKind?: KafkaKind;
  readonly redisUrl?: string;
  readonly databaseUrl?: string;
  readonly prometheusUrl?: string;
}

/** Ports of one server: the first is the one clients use. */
export type Ports = readonly number[];

/** An additional listener of the broker; clients that connect to it are told `advertisedPort`, the port of a proxy. */
export interface KafkaListener {
  readonly port: number;
  readonly advertisedPort: number;
}

/** How to launch one server process. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One way to run a server: preparation, launch and health check. */
export interface ServerRecipe {
  readonly component: ComponentName;
  readonly kind: 'embedded' | 'mock';
  /** Name in the start-up line, e.g. "Kafka 4.3.1 (KRaft, one node)". */
  readonly label: string;
  /** A server left by an earlier command is reused only if its fingerprint is the same. */
  readonly fingerprint: string;
  /** Preferred ports; a port in use is replaced by the next free one. */
  readonly preferredPorts: Ports;
  /** Signal for a clean stop; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  readonly stopDeadlineMs: number;
  readonly startDeadlineMs: number;
  /** Prepares the data directory; called before every start. */
  prepare(ports: Ports): Promise<void>;
  launch(ports: Ports): Launch;
  /** Only for servers that choose their own port: reads it from the log after `fromByte`. */
  discoverPorts?(logFile: string, fromByte: number): Promise<Ports>;
  /**
   * Resolves when this server answers and throws the reason while it does not. It must reject another server of the same
   * kind: two stacks that start at once may choose the same port, and then the winner answers for both.
   */
  check(ports: Ports, pid: number): Promise<void>;
  /** Value of the environment variable that names this server. */
  address(ports: Ports): string;
}

/** One option for a server does not work on this machine. */
export class RungUnavailableError extends Error {
  override readonly name = 'RungUnavailableError';
}

/** No option for a component works here; the message names what is missing and how to provide it. */
export class ComponentUnavailableError extends Error {
  override readonly name = 'ComponentUnavailableError';
}
