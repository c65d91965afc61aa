import {
  canInstallPackages,
  findProgram,
  installPackages,
  type ProgramName,
  PROGRAMS,
  provideRedisServer,
} from '../local-stack';

/** The tests that each program is needed for. */
const TEST_PROGRAMS = {
  'redis-server': 'outages of Redis',
  prometheus: 'scraping and dashboards',
  promtool: 'the exposition format and rule tests',
  kcat: "other producers' compression and the mock broker",
} as const satisfies Partial<Record<ProgramName, string>>;

type TestProgram = keyof typeof TEST_PROGRAMS;

/** The programs of one test run. */
export interface TestPrograms {
  /** Variables for the tests: the path of each program, named as in `PROGRAMS`. Tests do not search the PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Programs that could not be provided; the tests that need them are reported as skipped. */
  readonly missing: readonly TestProgram[];
}

/** Finds the programs that tests run, and installs missing ones where that needs no confirmation. */
export async function provideTestPrograms(report: (line: string) => void): Promise<TestPrograms> {
  const environment: Record<string, string> = {};
  const redis = await redisServer(report);
  if (redis !== undefined) environment[PROGRAMS['redis-server'].variable] = redis;
  await installMissing(['prometheus', 'promtool', 'kcat'], report);
  for (const name of ['prometheus', 'promtool', 'kcat'] as const) {
    const path = findProgram(name);
    if (path !== undefined) environment[PROGRAMS[name].variable] = path;
  }
  const names = Object.keys(TEST_PROGRAMS) as TestProgram[];
  const missing = names.filter((name) => environment[PROGRAMS[name].variable] === undefined);
  for (const name of missing) report(`NOT INSTALLED: ${name}; tests of ${TEST_PROGRAMS[name]} are skipped`);
  return { environment, missing };
}

/** The binary that the local stack would run; tests may need it even if the environment names a Redis. */
async function redisServer(report: (line: string) => void): Promise<string | undefined> {
  try {
    return await provideRedisServer({ report });
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function installMissing(names: readonly TestProgram[], report: (line: string) => void): Promise<void> {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => PROGRAMS[name].debianPackage))];
  if (canInstallPackages()) report(`installing Debian packages for the tests: ${packages.join(', ')}`);
  const problem = await installPackages(packages);
  if (problem) report(problem);
}
