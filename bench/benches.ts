import { decode } from './decode/decode';
import { dispatchSelective } from './dispatch-selective/dispatch-selective';
import type { Bench } from './support/bench';

/** Every bench, in the order of the list and of `npm run bench -- all`. */
export const BENCHES: readonly Bench[] = [decode, dispatchSelective];
