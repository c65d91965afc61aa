import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'minor' }) => void;

/**
 * Collects the young generation of the JavaScript heap at a moment of our choice. V8 copies the survivors of a collection, and
 * loaded pipelines all survive. By default V8 lets tens of thousands gather and then pauses the process while it copies them.
 * Collecting after each page keeps the pause short.
 */
export function createYoungCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  // Only new contexts read the flag, so the function is taken from a fresh one.
  setFlagsFromString('--no-expose-gc');
  return () => {
    // With so little to copy, one thread finishes before others are woken up.
    setFlagsFromString('--no-parallel-scavenge');
    try {
      collect({ type: 'minor' });
    } finally {
      setFlagsFromString('--parallel-scavenge');
    }
  };
}
