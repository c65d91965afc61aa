/**
 * Preloaded into a service (`node -r`) to give it a wrong clock or a memory leak. Timers and `performance.now()` are unchanged, as
 * when a real clock is set.
 *   CLOCK_SKEW_MS     initial offset of the wall clock
 *   SIGUSR2           apply the next jump of CLOCK_JUMPS_MS (a list, used in rotation)
 *   EAT_MB_PER_SECOND memory to allocate per second and never free
 */
const skew = { ms: Number(process.env.CLOCK_SKEW_MS ?? 0) };
const jumps = (process.env.CLOCK_JUMPS_MS ?? '').split(',').filter(Boolean).map(Number);
const RealDate = Date;

class SkewedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + skew.ms);
    else super(...args);
  }

  static now() {
    return RealDate.now() + skew.ms;
  }
}
globalThis.Date = SkewedDate;
process.on('SIGUSR2', () => {
  skew.ms += jumps.shift() ?? 0;
});

const eaten = [];
const appetite = Number(process.env.EAT_MB_PER_SECOND ?? 0);
if (appetite > 0) setInterval(() => eaten.push(Buffer.alloc((appetite * 1024 * 1024) / 10, 1)), 100).unref();
