import type { Pipeline } from '@tripline/triggers';

/** How many executions of one overlap key may hold a slot at once. */
export function parallelRunsOf({ overlap }: Pick<Pipeline, 'overlap'>): number {
  return overlap.policy === 'parallel' ? overlap.limit : 1;
}
