/** Options of a command; each bench reads its own options with their defaults. */
export interface BenchOptions {
  /** Duration of one measurement, for benches that measure for a fixed time. */
  seconds(fallback: number): number;
  /** How often everything is measured; the result is the median. */
  runs(fallback: number): number;
  /** A numeric option of the bench. */
  number(name: string, fallback: number): number;
  text(name: string, fallback: string): string;
}

/** A parsed `npm run bench` command. */
export interface BenchCall {
  /** Undefined: print the list. */
  readonly name: string | undefined;
  readonly values: ReadonlyMap<string, string>;
}

/** The command names an unknown bench or option, or an invalid value. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Parses `[name] [--option value | --option=value | --option]…`. Pure. Throws `UsageError`. */
export function parseCall(args: readonly string[]): BenchCall {
  let name: string | undefined;
  const values = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (!arg.startsWith('--')) {
      if (name !== undefined) throw new UsageError(`only one bench at a time; got ${name} and ${arg}`);
      name = arg;
      continue;
    }
    const [option = '', given] = arg.slice(2).split('=', 2);
    const next = args[index + 1];
    if (given !== undefined) values.set(option, given);
    else if (next === undefined || next.startsWith('--')) values.set(option, 'yes');
    else {
      values.set(option, next);
      index += 1;
    }
  }
  return { name, values };
}

/** Reads the options of a command; `known` lists all options of this bench. Throws `UsageError`. */
export function createOptions(values: ReadonlyMap<string, string>, known: readonly string[]): BenchOptions {
  for (const option of values.keys()) {
    if (!known.includes(option)) {
      throw new UsageError(`unknown option --${option}; the options are ${known.map((it) => `--${it}`).join(', ')}`);
    }
  }
  const number = (name: string, fallback: number): number => {
    const text = values.get(name);
    if (text === undefined) return fallback;
    const value = Number(text.replaceAll('_', ''));
    if (!Number.isFinite(value) || value <= 0) throw new UsageError(`--${name} must be a positive number, not ${text}`);
    return value;
  };
  return {
    number,
    seconds: (fallback) => number('seconds', fallback),
    runs: (fallback) => Math.ceil(number('runs', fallback)),
    text: (name, fallback) => values.get(name) ?? fallback,
  };
}
