import type { World } from './world';

interface Cancellable {
  cancelled: boolean;
}

/**
 * Gives the code under test virtual timers, each owned by the process that set it. They are in effect only while `work`
 * runs; no other code of this Node.js process may set a timer meanwhile.
 */
export async function withVirtualTimers<T>(world: World, work: () => Promise<T>): Promise<T> {
  const { setInterval, clearInterval, setTimeout, clearTimeout, setImmediate } = globalThis;
  const owner = () => {
    if (world.current === null) throw new Error('a timer was set outside any simulated process');
    return world.current;
  };
  const cancel = (timer: unknown): void => {
    if (timer !== null && typeof timer === 'object') (timer as Cancellable).cancelled = true;
  };
  const replacement = {
    setInterval: (callback: () => void, ms = 0) => owner().every(ms, callback),
    setTimeout: (callback: () => void, ms = 0) => owner().after(ms, callback),
    setImmediate: (callback: () => void) => owner().after(0, callback),
    clearInterval: cancel,
    clearTimeout: cancel,
  };
  Object.assign(globalThis, replacement);
  try {
    return await work();
  } finally {
    Object.assign(globalThis, { setInterval, clearInterval, setTimeout, clearTimeout, setImmediate });
  }
}
