import { parseArgs } from 'node:util';

export const REPLAY_USAGE = `Replays a range of the signal topic. Decisions that are already stored do not change, and nothing is executed twice.
Use it after restoring PostgreSQL from a backup; see docs/runbooks/replay-after-restore.md.

Usage: npm run replay -- --from <time> [--to <time>] [--dry-run] [--partitions <n>]
       node cli/replay.js …                       inside the trigger-dispatcher image

  --from <time>      first append time to replay: ISO 8601 with zone, epoch seconds or epoch milliseconds
  --to <time>        replay records appended before this time; default: the current end of the topic
  --dry-run          write nothing: each chunk is decided and rolled back, so later chunks do not see earlier ones
  --partitions <n>   partitions decided at the same time, 1 to 32; default 4
  --help             show this text

Reads the same environment variables as the trigger dispatcher (KAFKA_BROKERS, REDIS_URL, DATABASE_URL, …).
Exit codes: 0 done, 1 failed or stopped early (safe to run again), 2 invalid arguments.`;

export interface ReplayRequest {
  /** Append time, epoch ms, inclusive. */
  readonly fromMs: number;
  /** Append time, epoch ms, exclusive; null: up to the current end of the topic. */
  readonly toMs: number | null;
  readonly isDryRun: boolean;
  readonly partitionsAtOnce: number;
}

export type ParsedReplay =
  | { readonly kind: 'run'; readonly request: ReplayRequest }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

/** Parses the command line. @param nowMs current time, epoch ms; later times are rejected */
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
  if (values.from === undefined) return wrong('--from is required');
  const fromMs = parseInstant(values.from);
  if (fromMs === null) return wrong(`--from ${values.from} is not a valid time`);
  if (fromMs > nowMs) return wrong(`--from ${values.from} is in the future`);
  const toMs = values.to === undefined ? null : parseInstant(values.to);
  if (values.to !== undefined && toMs === null) return wrong(`--to ${values.to} is not a valid time`);
  if (toMs !== null && toMs <= fromMs) return wrong('--to must be later than --from');
  const partitionsAtOnce = Number(values.partitions);
  if (!Number.isInteger(partitionsAtOnce) || partitionsAtOnce < 1 || partitionsAtOnce > 32) {
    return wrong('--partitions must be a whole number from 1 to 32');
  }
  return { kind: 'run', request: { fromMs, toMs, isDryRun: values['dry-run'] === true, partitionsAtOnce } };
}

function wrong(message: string): ParsedReplay {
  return { kind: 'wrong', message };
}

/** Below this a number is epoch seconds (until the year 5138), above it milliseconds (from 1973 on). */
const FIRST_MS = 1e11;
/** A date with a time and a zone. Without a zone it would mean a different instant on every machine. */
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

function parseInstant(text: string): number | null {
  if (/^\d{1,14}(?:\.\d+)?$/.test(text)) {
    const value = Number(text);
    return Math.floor(value < FIRST_MS ? value * 1000 : value);
  }
  const parsed = ISO_INSTANT.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(parsed) ? null : parsed;
}
