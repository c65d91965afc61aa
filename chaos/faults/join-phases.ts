import type { Phase } from '../run-phase';
import { inOrder, sideBySide } from './lane';

/**
 * Phases of small doses as one: their faults one phase after the other on the same system, one rest and one look at the books at the end.
 * Each rest costs up to the time that a lock of a killed worker's job lasts.
 */
export function joinPhases(name: string, phases: readonly Phase[]): Phase {
  return {
    name,
    prepare: async (system) => {
      for (const phase of phases) await phase.prepare?.(system);
    },
    lanes: [inOrder(...phases.map(({ lanes }) => sideBySide(lanes)))],
    check: {
      zombiesExpected: phases.some(({ check }) => check?.zombiesExpected === true),
      skip: phases.flatMap(({ check }) => check?.skip ?? []),
    },
    adjust: (snapshot) => phases.reduce((adjusted, { adjust }) => adjust?.(adjusted) ?? adjusted, snapshot),
  };
}
