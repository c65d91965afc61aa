/** Environment variable in which `npm test` passes the path of each program that it found or installed. */
const VARIABLES = {
  'redis-server': 'TRIPLINE_REDIS_SERVER',
  kcat: 'TRIPLINE_KCAT',
  promtool: 'TRIPLINE_PROMTOOL',
} as const;

/**
 * Path of a program for a test, or undefined where `npm test` could not provide it. Skip the test then: the run lists
 * skipped tests, and on CI a missing program is a failure. The PATH is not searched: a test must not depend on a program
 * that someone once installed by hand.
 */
export function testProgram(
  name: keyof typeof VARIABLES,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  return env[VARIABLES[name]];
}
