import { describeHistory } from '@tripline/market';

import { type FeedInput, loadFeedInput } from '../accounting/expected-signals';
import type { DemoTickers } from './demo-data';

/** The market data that the signal generator will read. */
export interface DemoInput extends FeedInput {
  readonly tickers: DemoTickers;
  /** The signal generator's variables, in addition to the inherited environment. */
  readonly generatorEnv: Readonly<Record<string, string>>;
}

export interface DemoInputOptions {
  /** Values for variables that the environment does not set. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Values from the command line; they override the environment. */
  readonly speed: string | undefined;
  readonly report: (line: string) => void;
}

const MAX_LINES = 10;

/**
 * Reads the input before anything starts. An unusable file ends the command with one line. Pipelines and recount then
 * use the same data as the services.
 * @throws HistoryFileError, ConfigError
 */
export async function loadDemoInput({ defaults, speed, report }: DemoInputOptions): Promise<DemoInput> {
  const generatorEnv = { ...defaults, ...presentIn(process.env, Object.keys(defaults)) };
  if (speed !== undefined) generatorEnv['REPLAY_SPEED'] = speed;
  const input = await loadFeedInput({ ...process.env, ...generatorEnv });
  for (const series of input.history.slice(0, MAX_LINES)) {
    report(`${'history'.padEnd(10)} ${describeHistory(series)}`);
  }
  if (input.history.length > MAX_LINES) {
    report(`${'history'.padEnd(10)} and ${input.history.length - MAX_LINES} more tickers`);
  }
  const isOwn = input.history.length > 0 && (process.env['HISTORY_CSV'] ?? '').trim() !== '';
  const history = isOwn ? input.history.map(({ ticker }) => ticker) : null;
  return { ...input, generatorEnv, tickers: { history, mock: input.config.mock.tickers } };
}

/** A blank variable counts as unset, as in the services. */
function presentIn(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name]?.trim() ? [[name, env[name] as string]] : [])));
}
