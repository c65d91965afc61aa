/** Test command for the interruption tests: starts Redis and a child, then waits. Arguments: stack folder, mode. */
import { spawn } from 'node:child_process';
import { createLocalStack, INTERRUPTED_EXIT_CODE, killOnExit, onInterruption, settled, stopRunning } from '..';

const [dir = '', mode] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
killOnExit(child);
say(`child ${child.pid}`);
// Also keeps the process alive.
setInterval(() => say('alive'), 100);
say('starting');
const stack = createLocalStack({ dir, components: ['redis'], environment: {}, ports: { redis: [28_500] } });
const starting = stack.start().then(() => say('started'));
onInterruption({
  stop: () => {
    say('stopping');
    if (mode === 'stuck') return;
    void settled(starting)
      .then(() => stopRunning(dir, () => undefined))
      .finally(() => process.exit(INTERRUPTED_EXIT_CODE));
  },
  stackDirs: [dir],
});
