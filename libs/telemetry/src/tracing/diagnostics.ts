import { diag, DiagLogLevel } from '@opentelemetry/api';

import { createLogger, type Logger } from '../logging/logger';

/**
 * Sends warnings and errors of OpenTelemetry (an unknown exporter, a collector that does not answer) to the log of the
 * service. `OTEL_LOG_LEVEL` replaces this with the SDK's own output on the console.
 */
export function reportDiagnostics(service: string): void {
  let logger: Logger | undefined;
  // Created on first use: pino must not be required before its instrumentation, where an operator enables that.
  const log = (level: 'warn' | 'error', message: string, details: readonly unknown[]): void => {
    logger ??= createLogger({ service }).child({ logger: 'opentelemetry' });
    const text = [message, ...details].map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
    logger[level]({ event: 'opentelemetry_problem', problem: text }, 'OpenTelemetry reports a problem');
  };
  diag.setLogger(
    {
      error: (message, ...details) => log('error', message, details),
      warn: (message, ...details) => log('warn', message, details),
      info: () => undefined,
      debug: () => undefined,
      verbose: () => undefined,
    },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
