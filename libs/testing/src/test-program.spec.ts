import { testProgram } from './test-program';

describe('testProgram', () => {
  it('is the path that the test command provides', () => {
    expect(testProgram('kcat', { TRIPLINE_KCAT: '/opt/kcat' })).toBe('/opt/kcat');
  });

  it('is undefined when no path is provided, whatever is on the PATH', () => {
    expect(testProgram('kcat', { PATH: process.env['PATH'] })).toBeUndefined();
  });
});
