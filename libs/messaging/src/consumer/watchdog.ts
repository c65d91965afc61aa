/** Calls `onIdle` once when `touch()` was not called for `maxIdleMs`. The timer does not keep the process alive. */
export interface Watchdog {
  touch(): void;
  start(): void;
  stop(): void;
}

export function createWatchdog(options: {
  readonly maxIdleMs: number;
  readonly monotonicMs: () => number;
  readonly onIdle: (idleMs: number) => void;
  /** The oldest last activity among the work in progress; `touch()` of other work must not hide it. */
  readonly oldestActivity?: () => number | undefined;
}): Watchdog {
  let touchedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const watchdog: Watchdog = {
    touch() {
      touchedAt = options.monotonicMs();
    },
    start() {
      watchdog.stop();
      watchdog.touch();
      timer = setInterval(check, Math.max(10, options.maxIdleMs / 6));
      timer.unref();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };

  function check(): void {
    const idleMs = options.monotonicMs() - Math.min(touchedAt, options.oldestActivity?.() ?? Infinity);
    if (idleMs <= options.maxIdleMs) return;
    watchdog.stop();
    options.onIdle(idleMs);
  }
  return watchdog;
}
