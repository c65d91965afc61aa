import { armFailpoints, ConfigError, runService } from '@tripline/runtime';
import { createLogger, shutdownTracing } from '@tripline/telemetry';

import { loadConfig } from './config';
import { loadHistory } from './market-data/load-history';
import { createService } from './service';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger({ service: 'worker', ...config.common.log });
  armFailpoints(config.common.failpoints, logger);
  const history = await loadHistory(config.worker.historyFiles);
  const { lifecycle } = createService({
    config,
    history,
    logger,
    onFatal: (reason, error) => void running.then((service) => service.shutdown(reason, error)),
  });
  const running = runService({ name: 'worker', lifecycle, logger, onStopped: shutdownTracing });
  await running;
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
