import { GENERATED_SIGNAL_TYPES } from '@tripline/market';

/** The label value for every signal type that is not one of our generators'. */
const CUSTOM_SIGNAL_TYPE = 'custom';

const BUILT_IN: ReadonlySet<string> = new Set(GENERATED_SIGNAL_TYPES);

/**
 * A signal type as a metric label: the type itself if one of our generators emits it, else `custom`. Publishers can invent
 * types, and each one would add a time series to every process. The decision log has the exact type.
 */
export function signalTypeLabel(signalType: string): string {
  return BUILT_IN.has(signalType) ? signalType : CUSTOM_SIGNAL_TYPE;
}
