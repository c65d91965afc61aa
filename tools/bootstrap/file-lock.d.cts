import type { ProcessIdentity } from './process-identity.cjs';

export function acquireFileLock(
  file: string,
  options?: { waitMs?: number; onWait?: (owner: ProcessIdentity | undefined) => void },
): Promise<(() => void) | undefined>;
