export const USAGE = `npm start                 start the servers, the four services and demo data on this machine; Ctrl-C stops them
npm start -- --once       replay the market history at full speed, check every signal by id, print a summary and exit
npm start -- --fresh      delete the data of earlier demos first
npm start -- --speed N    replay N times faster than real time, or "realtime", or "max" (default 1000000: twenty years in ten minutes)
npm start -- --help       show this text`;

/** What `npm start` was asked for. */
export interface DemoArguments {
  readonly help: boolean;
  readonly once: boolean;
  readonly fresh: boolean;
  /** A positive number, `realtime` or `max`, as in the signal-generator's REPLAY_SPEED; undefined uses the mode's default. */
  readonly speed: string | undefined;
}

/** Reads the command line before anything starts. Throws an error whose one-line message says what is wrong. */
export function readArguments(args: readonly string[]): DemoArguments {
  const flags = { help: false, once: false, fresh: false };
  let speed: string | undefined;
  const rest = args.flatMap((arg) => (arg.startsWith('--speed=') ? ['--speed', arg.slice('--speed='.length)] : [arg]));
  for (let index = 0; index < rest.length; index++) {
    const arg = rest[index];
    if (arg === '--help') flags.help = true;
    else if (arg === '--once') flags.once = true;
    else if (arg === '--fresh') flags.fresh = true;
    else if (arg === '--speed') speed = readSpeed(rest[++index]);
    else throw new Error(`unknown option ${arg}`);
  }
  return { ...flags, speed };
}

function readSpeed(text: string | undefined): string {
  const factor = Number(text);
  if (text === 'max' || text === 'realtime' || (Number.isFinite(factor) && factor > 0)) return String(text);
  throw new Error(
    `--speed must be max, realtime or a number greater than 0${text === undefined ? '' : `, not ${JSON.stringify(text)}`}`,
  );
}
