import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS_DIR } from './cache-dir';
import { findOnPath } from './run-command';

interface Program {
  /** Environment variable that names the executable: a path, or a name on the PATH. */
  readonly variable: string;
  readonly debianPackage: string;
}

/** Every program that the repository runs and npm does not install, apart from git and the base system. */
export const PROGRAMS = {
  java: { variable: 'TRIPLINE_JAVA', debianPackage: 'default-jre-headless' },
  mvn: { variable: 'TRIPLINE_MAVEN', debianPackage: 'maven' },
  'redis-server': { variable: 'TRIPLINE_REDIS_SERVER', debianPackage: 'redis-server' },
  kcat: { variable: 'TRIPLINE_KCAT', debianPackage: 'kcat' },
  prometheus: { variable: 'TRIPLINE_PROMETHEUS', debianPackage: 'prometheus' },
  promtool: { variable: 'TRIPLINE_PROMTOOL', debianPackage: 'prometheus' },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;
export const PROGRAM_NAMES = Object.keys(PROGRAMS) as ProgramName[];

/** Where Debian packages install executables. */
export const DEBIAN_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Absolute path of a program, or undefined. If its environment variable is set, only that counts. Otherwise the PATH is
 * searched, then the programs our own scripts installed ({@link recordInstalled}), whose folder may not be on the PATH.
 */
export function findProgram(name: ProgramName): string | undefined {
  const named = process.env[PROGRAMS[name].variable];
  if (named !== undefined) return findOnPath(named);
  return findOnPath(name) ?? findOnPath(join(PROGRAMS_DIR, name));
}

/** Records where the programs of these Debian packages are. Call it only after our own script has installed the packages. */
export function recordInstalled(packages: readonly string[], programsDir = PROGRAMS_DIR, path = DEBIAN_PATH): void {
  mkdirSync(programsDir, { recursive: true });
  for (const name of PROGRAM_NAMES.filter((each) => packages.includes(PROGRAMS[each].debianPackage))) {
    const file = findOnPath(name, path);
    if (file === undefined) continue;
    const link = join(programsDir, name);
    const part = `${link}.${process.pid}`;
    symlinkSync(file, part);
    renameSync(part, link);
  }
}
