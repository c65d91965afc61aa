import type { Pipeline } from '@tripline/triggers';

/** Runs of one overlap key that may hold a place at once. */
export function parallelRunsOf({ overlap }: Pick<Pipeline, 'overlap'>): number {
  return overlap.policy === 'parallel' ? overlap.limit : 1;
}
