import { parseArgs } from 'node:util';

export const REPLAY_USAGE = `Decides a range of the signal topic again, through the ledger: pairs that are decided stay as they are, nothing runs twice.
For the time after a restore of PostgreSQL; see docs/runbooks/replay-after-restore.md.

Usage: npm run replay -- --from <time> [--to <time>] [--dry-run] [--partitions <n>]
       node cli/replay.js …                       in the trigger-dispatcher's image

  --from <time>      records appended from then on: ISO 8601 with zone, epoch seconds or epoch milliseconds
  --to <time>        records appended before then; default: what the topic holds now
  --dry-run          writes nothing: each chunk is decided and taken back, so later chunks do not see earlier ones
  --partitions <n>   partitions decided at the same time, 1 to 32; default 4
  --help             this text

Servers and topic are those of the trigger-dispatcher's environment (KAFKA_BROKERS, REDIS_URL, DATABASE_URL, …).
Exit codes: 0 done, 1 failed or stopped before the end (repeat it: nothing is done twice), 2 wrong use.`;

export interface ReplayRequest {
  /** Append time, epoch ms, inclusive. */
  readonly fromMs: number;
  /** Append time, epoch ms, exclusive; null: to the end the topic has now. */
  readonly toMs: number | null;
  readonly isDryRun: boolean;
  readonly partitionsAtOnce: number;
}

export type ParsedReplay =
  | { readonly kind: 'run'; readonly request: ReplayRequest }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

/** Reads the command line. @param nowMs epoch ms: a time in the future is a mistake */
export function parseReplayArguments(args: readonly string[], nowMs: number): ParsedReplay {
  let values: { from?: string; to?: string; partitions?: string; 'dry-run'?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        partitions: { type: 'string', default: '4' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  if (values.help === true) return { kind: 'help' };
  if (values.from === undefined) return wrong('--from is missing');
  const fromMs = parseInstant(values.from);
  if (fromMs === null) return wrong(`--from ${values.from} is no time`);
  if (fromMs > nowMs) return wrong(`--from ${values.from} lies in the future`);
  const toMs = values.to === undefined ? null : parseInstant(values.to);
  if (values.to !== undefined && toMs === null) return wrong(`--to ${values.to} is no time`);
  if (toMs !== null && toMs <= fromMs) return wrong('--to must be later than --from');
  const partitionsAtOnce = Number(values.partitions);
  if (!Number.isInteger(partitionsAtOnce) || partitionsAtOnce < 1 || partitionsAtOnce > 32) {
    return wrong('--partitions takes a whole number from 1 to 32');
  }
  return { kind: 'run', request: { fromMs, toMs, isDryRun: values['dry-run'] === true, partitionsAtOnce } };
}

function wrong(message: string): ParsedReplay {
  return { kind: 'wrong', message };
}

/** Below this a number is epoch seconds (until the year 5138), above it milliseconds (from 1973 on). */
const FIRST_MS = 1e11;
/** A date with a time and a zone: without a zone it would mean another instant on every machine. */
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

function parseInstant(text: string): number | null {
  if (/^\d{1,14}(?:\.\d+)?$/.test(text)) {
    const value = Number(text);
    return Math.floor(value < FIRST_MS ? value * 1000 : value);
  }
  const parsed = ISO_INSTANT.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(parsed) ? null : parsed;
}
