import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';

/**
 * The JVM can keep the classes it loaded in an archive (class data sharing) and map them at the next start, which saves
 * much of a broker's start-up work. The JVM ignores an archive that does not match.
 */

/** The archive's path beside the jars; each Java build has its own archive. */
export function classArchiveOf(jarsDir: string, javaBuild: string): string {
  return `${jarsDir}-${createHash('sha256').update(javaBuild).digest('hex').slice(0, 8)}.jsa`;
}

/**
 * The flag that uses the archive, or writes it when the broker ends. Every broker writes its own file, which
 * its next start moves into place, so two brokers never write the same file.
 */
export function classArchiveFlag(archive: string, owner: string): string {
  const written = `${archive}.${owner}`;
  if (!existsSync(archive) && existsSync(written)) renameSync(written, archive);
  return existsSync(archive) ? `-XX:SharedArchiveFile=${archive}` : `-XX:ArchiveClassesAtExit=${written}`;
}
