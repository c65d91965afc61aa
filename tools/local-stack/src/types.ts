/** The servers the local stack knows how to provide. */
export type ComponentName = 'kafka' | 'redis' | 'postgres' | 'prometheus';

/** `mock` is librdkafka's in-memory broker: no createTopics, no idempotent producer, nothing survives a restart. */
export type KafkaKind = 'external' | 'embedded' | 'mock';

/** Where the started servers answer; a component that was not asked for is undefined. */
export interface StackAddresses {
  readonly kafkaBrokers?: string;
  readonly kafkaKind?: KafkaKind;
  readonly redisUrl?: string;
  readonly databaseUrl?: string;
  readonly prometheusUrl?: string;
}

/** Ports of one server: the first is the one clients use. */
export type Ports = readonly number[];

/** A further place where the broker listens, and what it tells clients who come there: the port of a proxy before it. */
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

/** One way of running one server: how to prepare it, what to launch, how to know that it answers. */
export interface ServerRecipe {
  readonly component: ComponentName;
  readonly kind: 'embedded' | 'mock';
  /** What the start-up line says, e.g. "Kafka 4.3.1 (KRaft, one node)". */
  readonly label: string;
  /** A running server of an earlier run is reused only when its fingerprint is the same. */
  readonly fingerprint: string;
  /** Preferred ports; the next free ones are taken when these are in use. */
  readonly preferredPorts: Ports;
  /** Signal for a clean stop; SIGTERM unless told otherwise. */
  readonly stopSignal?: NodeJS.Signals;
  readonly stopDeadlineMs: number;
  readonly startDeadlineMs: number;
  /** Brings the data directory into a state the server can start from; called before every start. */
  prepare(ports: Ports): Promise<void>;
  launch(ports: Ports): Launch;
  /** Only for servers that choose their port themselves: reads it from what the server logged after `fromByte`. */
  discoverPorts?(logFile: string, fromByte: number): Promise<Ports>;
  /**
   * Resolves when this server answers, throws with the reason while it does not. It must tell this server from another of
   * its kind: two stacks that start at once may choose the same port, and the loser's port answers all the same.
   */
  check(ports: Ports, pid: number): Promise<void>;
  /** Value of the environment variable that names this server. */
  address(ports: Ports): string;
}

/** A way of getting a server was tried and does not work on this machine. */
export class RungUnavailableError extends Error {
  override readonly name = 'RungUnavailableError';
}

/** No way of getting a component works here; the message names what is missing and how to provide it. */
export class ComponentUnavailableError extends Error {
  override readonly name = 'ComponentUnavailableError';
}
