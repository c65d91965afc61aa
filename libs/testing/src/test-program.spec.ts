import { testProgram } from './test-program';

describe('testProgram', () => {
  it('is the path that the test run hands over', () => {
    expect(testProgram('kcat', { TRIPLINE_KCAT: '/opt/kcat' })).toBe('/opt/kcat');
  });

  it('is undefined where the run hands nothing over, whatever the PATH holds', () => {
    expect(testProgram('kcat', { PATH: process.env['PATH'] })).toBeUndefined();
  });
});
