import type { Phase } from '../run-phase';
import { inOrder, sideBySide } from './lane';

/**
 * Joins phases with small doses. Their faults run one phase after the other on the same system, and the system is drained
 * and checked once at the end. Each drain can take as long as the job lock of a killed worker.
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
