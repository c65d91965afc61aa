import { BarParseError } from '../bars/bar-parse-error';
import { TimeframeConflictError } from '../bars/build-series';

/** What is wrong with a history file, and where; line and column where they are known. */
export interface HistoryFault {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: string | undefined;
  readonly rule: string;
}

/** A history file cannot be used. The message is one line for people: file, line, column, rule. */
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

/** Rules for what the operating system says about a file, by its code. */
const SYSTEM_RULES: Readonly<Record<string, string>> = {
  ENOENT: 'file not found',
  ENOTDIR: 'file not found',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied',
};

/** The error of a file as one of ours; anything unexpected is passed on as it is. */
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
