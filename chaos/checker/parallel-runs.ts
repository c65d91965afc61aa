import type { Pipeline } from '@tripline/domain';

/** Runs of one overlap key that may hold a place at once. */
export function parallelRunsOf(_pipeline: Pipeline): number {
  return 1;
}
