import { GENERATED_SIGNAL_TYPES } from '@tripline/market';

/** The value that stands for every signal type a user or a foreign producer made up. */
const CUSTOM_SIGNAL_TYPE = 'custom';

const BUILT_IN: ReadonlySet<string> = new Set(GENERATED_SIGNAL_TYPES);

/**
 * A signal type as a metric label: itself when one of our generators emits it, else `custom`. Anybody who may publish can make up
 * types, and each would be a series in every process for as long as it lives. The decision log has the exact type.
 */
export function signalTypeLabel(signalType: string): string {
  return BUILT_IN.has(signalType) ? signalType : CUSTOM_SIGNAL_TYPE;
}
