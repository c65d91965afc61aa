export const USAGE = `npm start                 everything on this machine: servers, four services, demo data; Ctrl-C stops it
npm start -- --once       replay the bundled market history to its end (as fast as it goes), recount it by id, exit
npm start -- --fresh      forget the data of earlier demo runs first
npm start -- --speed N    replay N times faster than real time (default 1000000: twenty years in ten minutes; max as fast as it goes)
npm start -- --help       this text`;

/** What `npm start` was asked for. */
export interface DemoArguments {
  readonly help: boolean;
  readonly once: boolean;
  readonly fresh: boolean;
  /** A positive number, `realtime` or `max`, as REPLAY_SPEED of the signal-generator; undefined: the default of the mode. */
  readonly speed: string | undefined;
}

/** Reads the command line. Throws with one line that says what is wrong, before anything is started. */
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
    `--speed needs max, realtime or a number greater than 0${text === undefined ? '' : `, not ${JSON.stringify(text)}`}`,
  );
}
