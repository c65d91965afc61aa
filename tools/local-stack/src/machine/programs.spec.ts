import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, recordInstalled } from './programs';

let folder: string;
let bin: string;
const environment = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'));
  bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['prometheus', 'promtool', 'kcat']) {
    writeFileSync(join(bin, name), '');
    chmodSync(join(bin, name), 0o755);
  }
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

describe('findProgram', () => {
  it('prefers the program that the environment names over the PATH', () => {
    process.env['TRIPLINE_KCAT'] = join(bin, 'kcat');
    process.env['PATH'] = '';
    expect(findProgram('kcat')).toBe(join(bin, 'kcat'));
  });

  it('finds nothing when the environment names a missing program, even if the PATH has one', () => {
    process.env['TRIPLINE_KCAT'] = '/nonexistent/kcat';
    process.env['PATH'] = bin;
    expect(findProgram('kcat')).toBeUndefined();
  });

  it('finds a program on the PATH', () => {
    delete process.env['TRIPLINE_KCAT'];
    process.env['PATH'] = bin;
    expect(findProgram('kcat')).toBe(join(bin, 'kcat'));
  });
});

describe('recordInstalled', () => {
  it('records every program of the installed package, and none of another package', () => {
    const programs = join(folder, 'programs');
    recordInstalled(['prometheus'], programs, bin);
    recordInstalled(['prometheus'], programs, bin);
    expect(readlinkSync(join(programs, 'prometheus'))).toBe(join(bin, 'prometheus'));
    expect(readlinkSync(join(programs, 'promtool'))).toBe(join(bin, 'promtool'));
    expect(() => readlinkSync(join(programs, 'kcat'))).toThrow('ENOENT');
  });
});
