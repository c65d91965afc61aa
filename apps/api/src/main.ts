import { armFailpoints } from '@tripline/failpoints';
import { ConfigError, runService } from '@tripline/runtime';
import { createLogger, shutdownTracing } from '@tripline/telemetry';

import { loadConfig } from './config';
import { createApiService } from './service';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger({ service: 'api', ...config.log });
  armFailpoints(config.failpoints, logger);
  const { lifecycle } = createApiService(config, { logger });
  await runService({ name: 'api', lifecycle, logger, onStopped: shutdownTracing });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
