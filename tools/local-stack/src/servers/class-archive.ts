import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';

/**
 * The JVM can keep the classes it loaded in an archive (class data sharing) and map them at the next start, which saves
 * about two fifths of a broker's start-up work. An archive that does not fit is ignored by the JVM, not an error.
 */

/** The archive's place beside the jars; another build of Java writes another one. */
export function classArchiveOf(jarsDir: string, javaBuild: string): string {
  return `${jarsDir}-${createHash('sha256').update(javaBuild).digest('hex').slice(0, 8)}.jsa`;
}

/**
 * The flag that uses the archive, or has it written when the broker ends. Every broker writes one of its own, which
 * its next start puts in place: two that end at once never write one file.
 */
export function classArchiveFlag(archive: string, owner: string): string {
  const written = `${archive}.${owner}`;
  if (!existsSync(archive) && existsSync(written)) renameSync(written, archive);
  return existsSync(archive) ? `-XX:SharedArchiveFile=${archive}` : `-XX:ArchiveClassesAtExit=${written}`;
}
