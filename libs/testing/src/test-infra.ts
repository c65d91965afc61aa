/** Addresses of the real servers used by an integration test. */
export interface TestInfra {
  readonly kafkaBrokers: readonly string[];
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

const VARIABLES = ['KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL'] as const;

/**
 * Reads the servers from the environment of the test run; tests have no config of their own.
 * @throws Error that names what is missing and the command that provides it.
 */
export function testInfra(env: Readonly<Record<string, string | undefined>> = process.env): TestInfra {
  const missing = VARIABLES.filter((name) => (env[name] ?? '').trim() === '');
  if (missing.length > 0) {
    throw new Error(
      `integration tests need ${missing.join(', ')} in the environment: run "npm test", or "npm run infra" and set them to what it prints`,
    );
  }
  const [brokers, redisUrl, databaseUrl] = VARIABLES.map((name) => (env[name] ?? '').trim());
  return {
    kafkaBrokers: (brokers ?? '')
      .split(',')
      .map((broker) => broker.trim())
      .filter(Boolean),
    redisUrl: redisUrl ?? '',
    databaseUrl: databaseUrl ?? '',
  };
}
