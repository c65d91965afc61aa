import { addTotals, countOutcome, formatTotals, isGood, type JestReport } from './totals';

function buildReport(overrides: Partial<JestReport> = {}): JestReport {
  return {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
    testResults: [],
    ...overrides,
  };
}

describe('countOutcome', () => {
  it('counts a crash without a report as a failure', () => {
    expect(countOutcome({ report: undefined, code: null, hung: false })).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts a suite that could not run as a failure', () => {
    const report = buildReport({ numRuntimeErrorTestSuites: 2, numFailedTests: 1 });
    expect(countOutcome({ report, code: 1, hung: false }).failed).toBe(3);
  });

  it('counts a non-zero exit without a failed test as a failure', () => {
    expect(countOutcome({ report: buildReport(), code: 1, hung: false }).failed).toBe(1);
  });

  it('counts a process that does not exit after its tests as a failure', () => {
    expect(countOutcome({ report: buildReport(), code: null, hung: true })).toEqual({
      passed: 3,
      failed: 1,
      skipped: 0,
    });
  });

  it('counts skipped and todo tests as skipped, not as passed', () => {
    const report = buildReport({ numPendingTests: 2, numTodoTests: 1 });
    expect(countOutcome({ report, code: 0, hung: false })).toEqual({ passed: 3, failed: 0, skipped: 3 });
  });
});

describe('the closing line', () => {
  it('has exactly the form that scripts parse', () => {
    expect(formatTotals({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
    expect(formatTotals({ passed: 12, failed: 1, skipped: 2 })).toBe('12 passed, 1 failed, 2 skipped');
  });

  it('sums the tiers', () => {
    const one = { passed: 1, failed: 2, skipped: 3 };
    expect(addTotals([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 });
  });

  it('counts as success only when something passed and nothing failed', () => {
    expect(isGood({ passed: 0, failed: 0, skipped: 4 })).toBe(false);
    expect(isGood({ passed: 5, failed: 1, skipped: 0 })).toBe(false);
    expect(isGood({ passed: 5, failed: 0, skipped: 1 })).toBe(true);
  });
});
