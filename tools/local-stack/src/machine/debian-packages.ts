import { DEBIAN_PATH, recordInstalled } from './programs';
import { findOnPath, isRoot, runCommand } from './run-command';

/**
 * RUNLEVEL=1 stops the package from starting its service: we need the program, not a daemon on its usual port.
 * Package scripts need Debian's PATH, whatever our own PATH is.
 */
const APT_ENV = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', PATH: DEBIAN_PATH };
const INSTALL_TIMEOUT_MS = 600_000;

let lists: Promise<unknown> | undefined;

/** True when packages can be installed without confirmation: apt-get exists and we are root. */
export function canInstallPackages(): boolean {
  return isRoot() && findOnPath('apt-get') !== undefined;
}

/**
 * Installs Debian packages and records their programs for `findProgram`. Returns undefined on success, else a sentence
 * that gives the reason.
 */
export async function installPackages(packages: readonly string[]): Promise<string | undefined> {
  if (!isRoot()) return `installing ${packages.join(', ')} needs root`;
  if (!findOnPath('apt-get')) return `${packages.join(', ')}: no apt-get on this system`;
  // Update the package lists once per process, and only if something must be installed.
  lists ??= runCommand('apt-get', ['update', '-qq'], { env: APT_ENV, timeoutMs: INSTALL_TIMEOUT_MS });
  await lists;
  const args = ['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages];
  const result = await runCommand('apt-get', args, { env: APT_ENV, timeoutMs: INSTALL_TIMEOUT_MS });
  if (result.code !== 0) {
    const lastLine = result.output.trim().split('\n').at(-1) ?? '';
    return `apt-get install ${packages.join(' ')} failed: ${lastLine}`;
  }
  recordInstalled(packages);
  return undefined;
}
