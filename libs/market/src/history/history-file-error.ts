import { BarParseError } from '../bars/bar-parse-error';
import { TimeframeConflictError } from '../bars/build-series';

/** The fault in a history file; line and column where known. */
export interface HistoryFault {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: string | undefined;
  readonly rule: string;
}

/** A history file cannot be used. The message is one readable line: file, line, column, rule. */
export class HistoryFileError extends Error {
  readonly code = 'HISTORY_FILE_INVALID';

  constructor(
    readonly fault: HistoryFault,
    options?: ErrorOptions,
  ) {
    const { file, line, column, rule } = fault;
    const where = [
      ...(line === undefined ? [] : [`line ${line}`]),
      ...(column === undefined ? [] : [`column "${column}"`]),
    ].join(', ');
    super(`cannot read bars from ${file}: ${where === '' ? '' : `${where}: `}${rule}`, options);
    this.name = 'HistoryFileError';
  }
}

/** Rules for the operating system's file errors, by code. */
const SYSTEM_RULES: Readonly<Record<string, string>> = {
  ENOENT: 'file not found',
  ENOTDIR: 'file not found',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied',
};

/** Wraps a file error in our own class; unexpected errors are passed on unchanged. */
export function toHistoryFileError(file: string, cause: unknown): unknown {
  if (cause instanceof BarParseError) {
    const { line, column, rule } = cause;
    return new HistoryFileError({ file: cause.file ?? file, line, column, rule }, { cause });
  }
  if (cause instanceof TimeframeConflictError) {
    return new HistoryFileError({ file: cause.file ?? file, rule: cause.message }, { cause });
  }
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (typeof code !== 'string' || !code.startsWith('E')) return cause;
  return new HistoryFileError({ file, rule: SYSTEM_RULES[code] ?? code }, { cause });
}
