/** Counts of one Jest process, or the sum of several. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of Jest's `--json` report that is counted. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Suites that failed before any of their tests ran, e.g. because they do not compile. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** How a Jest process ended. */
export interface JestOutcome {
  /** Undefined when there is no readable report because Jest crashed or was stopped. */
  readonly report: JestReport | undefined;
  readonly code: number | null;
  /** Jest reported but did not exit by itself: something is still running after the tests. */
  readonly hung: boolean;
}

/**
 * Counts every kind of failure: a suite that could not run, a crash, a process that does not exit
 * and a non-zero exit without a failed test each count as one failure.
 */
export function countOutcome({ report, code, hung }: JestOutcome): Totals {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites + (hung ? 1 : 0);
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

export function addTotals(all: readonly Totals[]): Totals {
  const sum = (of: (totals: Totals) => number): number => all.reduce((total, one) => total + of(one), 0);
  return { passed: sum((one) => one.passed), failed: sum((one) => one.failed), skipped: sum((one) => one.skipped) };
}

/** `12 passed, 0 failed`, with `, 3 skipped` if there are any. Scripts parse this line: keep the form. */
export function formatTotals({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** True only if something ran and nothing failed. */
export function isGood({ passed, failed }: Totals): boolean {
  return passed > 0 && failed === 0;
}

/** Full names of the tests that were skipped, with their file. */
export function skippedTests(report: JestReport | undefined, root: string): string[] {
  return (report?.testResults ?? []).flatMap((suite) =>
    suite.assertionResults
      .filter((test) => test.status === 'pending' || test.status === 'todo')
      .map((test) => `${suite.name.replace(`${root}/`, '')}: ${test.fullName}`),
  );
}
