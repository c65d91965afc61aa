import { withTimeout } from '../timeouts/with-timeout';
import type { Logger } from '@tripline/telemetry';

import type { Lifecycle } from './lifecycle';

export interface RunServiceOptions {
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  /** Last step before the exit, e.g. flushing traces; its error is logged. */
  readonly onStopped?: () => Promise<void>;
  /** Default: the current process. */
  readonly process?: ServiceProcess;
}

/** A trace collector that does not answer must not use up the platform's grace period. */
const LAST_STEP_MS = 2_000;

/** The parts of `process` that are used. */
export interface ServiceProcess {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  exit(code: number): void;
}

/** Ends a service from inside, e.g. when its work is done or its consumer crashed. */
export interface RunningService {
  /** Stops everything and exits: 0 when asked to stop and all components stopped cleanly, otherwise 1. Resolves before the exit. */
  shutdown(reason: string, error?: unknown): Promise<void>;
}

/**
 * Starts a service and ties it to the process. SIGTERM and SIGINT stop it (exit code 0 when every component stopped cleanly); a
 * second signal exits at once. A failed start, an uncaught exception or an unhandled rejection is logged, stops the service and
 * exits with 1.
 */
export async function runService(options: RunServiceOptions): Promise<RunningService> {
  const { lifecycle, logger, name } = options;
  const host: ServiceProcess = options.process ?? process;
  const running: RunningService = { shutdown: createShutdown(options, host) };
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    host.on(signal, () => {
      signals += 1;
      if (signals > 1) host.exit(1);
      else void running.shutdown(signal);
    });
  }
  host.on('uncaughtException', (error) => void running.shutdown('uncaught_exception', error));
  host.on('unhandledRejection', (error) => void running.shutdown('unhandled_rejection', error));
  try {
    await lifecycle.start();
    logger.info({ event: 'service_started', service_name: name }, 'service started');
  } catch (error) {
    await running.shutdown('start_failed', error);
  }
  return running;
}

function createShutdown(options: RunServiceOptions, host: ServiceProcess): RunningService['shutdown'] {
  const { lifecycle, logger } = options;
  let ending: Promise<void> | undefined;
  // `exitCode` is shared: an exception during the stop turns a clean stop into a failed one.
  let exitCode = 0;
  const end = async (reason: string): Promise<void> => {
    logger.info({ event: 'service_stopping', reason }, 'service stopping');
    const { failed } = await lifecycle.stop();
    if (failed.length > 0) exitCode = 1;
    await withTimeout(options.onStopped?.(), LAST_STEP_MS).catch((error: unknown) => {
      logger.warn({ event: 'service_flush_failed', err: error }, 'last step before the exit failed');
    });
    logger.info({ event: 'service_stopped', reason, exit_code: exitCode }, 'service stopped');
    host.exit(exitCode);
  };
  return (reason, error) => {
    if (error !== undefined) {
      exitCode = 1;
      logger.fatal({ event: 'service_failed', reason, err: toError(error) }, 'service failed');
    }
    return (ending ??= end(reason));
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
