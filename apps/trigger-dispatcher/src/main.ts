import { armFailpoints } from '@tripline/failpoints';
import { ConfigError, runService } from '@tripline/runtime';
import { createLogger, shutdownTracing } from '@tripline/telemetry';

import { loadConfig } from './config';
import { createService } from './service';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger({ service: 'trigger-dispatcher', ...config.common.log });
  armFailpoints(config.common.failpoints, logger);
  const service = createService({
    config,
    logger,
    onFatal: (reason, error) => void running.then((it) => it.shutdown(reason, error)),
  });
  const running = runService({
    name: 'trigger-dispatcher',
    lifecycle: service.lifecycle,
    logger,
    onStopped: shutdownTracing,
  });
  await running;
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
