import { type HistoryFacts, HistoryFileError, loadHistory } from '@tripline/market';
import { armFailpoints } from '@tripline/failpoints';
import { ConfigError, runService, systemClock } from '@tripline/runtime';
import { createLogger, shutdownTracing } from '@tripline/telemetry';

import { loadConfig } from './config';
import { createService } from './service';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger({ service: 'worker', ...config.common.log });
  armFailpoints(config.common.failpoints, logger);
  const onLoaded = (facts: HistoryFacts): void => {
    logger.info({ event: 'history_loaded', ...facts }, 'history loaded');
  };
  const history = await loadHistory({ files: config.worker.historyFiles, now: systemClock.now(), onLoaded });
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
  const isExplained = error instanceof ConfigError || error instanceof HistoryFileError;
  console.error(isExplained ? error.message : error);
  process.exitCode = 1;
});
