import type { FaultId } from './matrix';

/** One fault that was made. */
export interface FaultRecord {
  readonly fault: FaultId;
  /** What was done to whom, e.g. `kill worker-1`. */
  readonly what: string;
  /** Seconds until the work went on that the fault had interrupted; null where that was not measured. */
  readonly recoverySeconds: number | null;
  /** What a fault should show and did not, or showed and should not; null when all is well. */
  readonly problem: string | null;
}

/** Collects faults as they happen. */
export interface FaultLog {
  readonly records: readonly FaultRecord[];
  add(record: Partial<FaultRecord> & Pick<FaultRecord, 'fault' | 'what'>): void;
}

export function createFaultLog(report: (line: string) => void): FaultLog {
  const records: FaultRecord[] = [];
  return {
    records,
    add(given) {
      const record = { recoverySeconds: null, problem: null, ...given };
      records.push(record);
      if (record.problem !== null) report(`${record.fault} ${record.what}: ${record.problem}`);
    },
  };
}
