import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { PhaseResult } from '../run-phase';
import type { SimulationReport } from '../simulation/simulate';
import { ROOT } from '../system/servers';
import { type ChaosSummary, summarise } from './summary';

/** The latest result of one phase of a dose. */
interface KeptPhase {
  readonly seed: number;
  readonly seconds: number;
  readonly fired: Readonly<Record<string, number>>;
  readonly result: PhaseResult;
}

const SIMULATION = 'simulation.json';

/**
 * The latest result of each phase of a dose. A dose may be spread over several commands (`--only`); the table in the
 * documents covers all of them.
 */
export function openResults(dose: string) {
  const dir = join(ROOT, '.local', 'chaos-results', dose);
  mkdirSync(dir, { recursive: true });
  const put = (name: string, value: unknown): void => writeFileSync(join(dir, name), JSON.stringify(value));
  return {
    keep: (phase: KeptPhase): void => put(`${phase.result.name}.phase.json`, phase),
    keepSimulation: (report: SimulationReport): void => put(SIMULATION, report),
    summary: (): ChaosSummary => {
      const phases = readdirSync(dir)
        .filter((file) => file.endsWith('.phase.json'))
        .map((file) => JSON.parse(readFileSync(join(dir, file), 'utf8')) as KeptPhase);
      const fired: Record<string, number> = {};
      for (const [point, count] of phases.flatMap((phase) => Object.entries(phase.fired)))
        fired[point] = (fired[point] ?? 0) + count;
      const file = join(dir, SIMULATION);
      const simulation = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SimulationReport) : null;
      return summarise(
        phases.map(({ result }) => result),
        fired,
        {
          seed: Math.min(...phases.map(({ seed }) => seed)),
          seconds: phases.reduce((sum, { seconds }) => sum + seconds, 0),
          simulation,
        },
      );
    },
  };
}
