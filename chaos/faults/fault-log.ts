import type { FaultId } from './matrix';

/** One injected fault. */
export interface FaultRecord {
  readonly fault: FaultId;
  /** Action and target, e.g. `kill worker-1`. */
  readonly what: string;
  /** Seconds until the interrupted work resumed; null if not measured. */
  readonly recoverySeconds: number | null;
  /** Unexpected behaviour after the fault; null if there was none. */
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
