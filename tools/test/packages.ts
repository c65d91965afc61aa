import { canInstallPackages, findOnPath, installPackages } from '../local-stack';

/** A program that some tests run, the Debian package it comes in, and what is not tested without it. */
interface TestProgram {
  readonly program: string;
  readonly debianPackage: string;
  readonly usedFor: string;
}

/** Tests that find one of these missing are skipped, visibly. */
const TEST_PROGRAMS: readonly TestProgram[] = [
  { program: 'prometheus', debianPackage: 'prometheus', usedFor: 'scraping, dashboards and alert rules' },
  { program: 'promtool', debianPackage: 'prometheus', usedFor: 'the exposition format and rule tests' },
  { program: 'kcat', debianPackage: 'kcat', usedFor: 'foreign producers and the mock broker' },
];

/** Installs what is missing where that can be done without asking; says what stays untested where it cannot. */
export async function ensureTestPrograms(report: (line: string) => void): Promise<void> {
  const missing = TEST_PROGRAMS.filter(({ program }) => findOnPath(program) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  if (canInstallPackages()) report(`installing Debian packages for the tests: ${packages.join(', ')}`);
  const problem = await installPackages(packages);
  if (!problem) return;
  report(`NOT INSTALLED: ${problem}`);
  for (const { program, usedFor } of missing) report(`  without ${program}, tests of ${usedFor} are skipped`);
}
