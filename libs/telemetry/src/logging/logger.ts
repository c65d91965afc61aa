import { type DestinationStream, destination as openDestination, pino } from 'pino';
import createPrettyStream from 'pino-pretty';

import { currentTraceIds } from '../tracing/propagation';
import type { LogFormat, LogLevel } from './log-level';
import { redactText, sanitizeFields } from './sanitize';

/** Fields of a line: `event` in snake_case from a fixed list per caller, ids flat beside it (`pipeline_id`, …). */
export interface LogFields {
  readonly event: string;
  readonly [key: string]: unknown;
}

type LogMethod = (fields: LogFields, message?: string) => void;

/** Structured logger; call it with the fields first and a constant text second. Logging never throws. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A logger whose lines carry these fields too; `logger` names the part of the service. */
  child(bindings: Readonly<Record<string, unknown>>): Logger;
  isLevelEnabled(level: LogLevel): boolean;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level?: LogLevel;
  readonly format?: LogFormat;
  /** Default: standard output, written synchronously at the end of each turn, so that the last lines before an exit are not lost. */
  readonly destination?: DestinationStream;
}

type WritableLevel = Exclude<LogLevel, 'silent'>;
interface Sink {
  isLevelEnabled(level: string): boolean;
  write(level: WritableLevel, line: Record<string, unknown>, message: string): void;
}

/** Creates the logger of a service; `child({ logger: 'dispatcher' })` names its parts. */
export function createLogger(options: LoggerOptions): Logger {
  const root = pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    openStream(options),
  );
  const sink: Sink = {
    isLevelEnabled: (level) => root.isLevelEnabled(level),
    write: (level, line, message) => root[level](line, message),
  };
  return buildLogger(sink, { logger: options.service });
}

function openStream(options: LoggerOptions): DestinationStream {
  const stream = options.destination ?? openDestination({ dest: 1, sync: true });
  // A closed pipe must not end the service. It only means that the log lines have no reader.
  if ('on' in stream && typeof stream.on === 'function') stream.on('error', () => undefined);
  if (options.format !== 'pretty') return stream;
  return createPrettyStream({
    destination: stream as NodeJS.WritableStream & DestinationStream,
    messageKey: 'message',
    timestampKey: 'timestamp',
    levelFirst: false,
    singleLine: true,
    colorize: options.destination === undefined && process.stdout.isTTY,
    translateTime: false,
    ignore: 'service',
  });
}

/**
 * Bindings are merged here and not by pino's children, which print a key twice when a child or a line repeats it.
 */
function buildLogger(sink: Sink, bindings: Readonly<Record<string, unknown>>): Logger {
  const methodFor =
    (level: WritableLevel): LogMethod =>
    (fields, message) => {
      if (!sink.isLevelEnabled(level)) return;
      try {
        const line = { ...bindings, ...currentTraceIds(), ...sanitizeFields(fields) };
        sink.write(level, line, redactText(message ?? fields.event));
      } catch {
        writeFallback(sink, level, bindings);
      }
    };
  return {
    trace: methodFor('trace'),
    debug: methodFor('debug'),
    info: methodFor('info'),
    warn: methodFor('warn'),
    error: methodFor('error'),
    fatal: methodFor('fatal'),
    child: (extra) => buildLogger(sink, { ...bindings, ...safeFields(extra) }),
    isLevelEnabled: (level) => sink.isLevelEnabled(level),
  };
}

function safeFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return sanitizeFields(fields);
  } catch {
    return {};
  }
}

/** A field that throws when it is read costs its line, not the work, and leaves a trace of that. */
function writeFallback(sink: Sink, level: WritableLevel, bindings: Readonly<Record<string, unknown>>): void {
  try {
    sink.write(level, { ...bindings, event: 'log_line_lost' }, 'a line could not be written');
  } catch {
    // The destination itself fails; nothing is left to report to.
  }
}
