import { decode } from './decode/decode';
import { dispatchDense } from './dispatch-dense/dispatch-dense';
import { dispatchSelective } from './dispatch-selective/dispatch-selective';
import { endToEnd } from './end-to-end/end-to-end';
import { latency } from './latency/latency';
import { match } from './match/match';
import { refresh } from './refresh/refresh';
import type { Bench } from './support/bench';
import { telemetry } from './telemetry/telemetry';
import { worker } from './worker/worker';

/** All benches, in the order of the list and of `npm run bench -- all`. */
export const BENCHES: readonly Bench[] = [
  decode,
  match,
  dispatchSelective,
  dispatchDense,
  latency,
  worker,
  endToEnd,
  refresh,
  telemetry,
];
