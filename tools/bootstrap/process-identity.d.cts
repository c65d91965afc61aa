export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal only for the same process. Undefined when the process was already gone. */
  readonly startTime: string | undefined;
}

export function identify(pid: number): ProcessIdentity;
export function isAlive(identity: ProcessIdentity): boolean;
