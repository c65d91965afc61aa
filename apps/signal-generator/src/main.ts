import { armFailpoints, ConfigError, runService } from '@tripline/runtime';
import { createLogger, shutdownTracing } from '@tripline/telemetry';

import { loadConfig } from './config';
import { loadHistory } from './history/load-history';
import { createService } from './service';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger({ service: 'signal-generator', ...config.common.log });
  armFailpoints(config.common.failpoints, logger);
  const history = config.generator.feeds.includes('history') ? await loadHistory(config.generator.history.files) : [];
  const { lifecycle } = createService({
    config,
    history,
    logger,
    onFatal: (reason, error) => void running.then((service) => service.shutdown(reason, error)),
  });
  const running = runService({ name: 'signal-generator', lifecycle, logger, onStopped: shutdownTracing });
  await running;
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
