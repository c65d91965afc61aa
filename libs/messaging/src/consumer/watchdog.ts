/** Calls `onIdle` once when `mark()` was not called for `maxIdleMs`; the timer does not keep the process alive. */
export interface Watchdog {
  mark(): void;
  start(): void;
  stop(): void;
}

export function createWatchdog(options: {
  readonly maxIdleMs: number;
  readonly monotonicMs: () => number;
  readonly onIdle: (idleMs: number) => void;
  /** Time of the oldest sign of life of work under way, which `mark()` of other work must not hide. */
  readonly oldestMark?: () => number | undefined;
}): Watchdog {
  let markedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const watchdog: Watchdog = {
    mark() {
      markedAt = options.monotonicMs();
    },
    start() {
      watchdog.stop();
      watchdog.mark();
      timer = setInterval(check, Math.max(10, options.maxIdleMs / 6));
      timer.unref();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };

  function check(): void {
    const idleMs = options.monotonicMs() - Math.min(markedAt, options.oldestMark?.() ?? Infinity);
    if (idleMs <= options.maxIdleMs) return;
    watchdog.stop();
    options.onIdle(idleMs);
  }
  return watchdog;
}
