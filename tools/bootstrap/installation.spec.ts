import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { allowedScripts, installationKey, isInstalled, markerFile, matchesLockFile } from './installation.mjs';
import { explainNpmFailure } from './npm-failure.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'install-'));
  write('package.json', { allowScripts: { good: true, bad: false } });
  write('package-lock.json', {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/mac': { version: '1.0.0', optional: true },
    },
  });
  write('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '1.0.0' } } });
  write('node_modules/a/package.json', {});
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify(content));
}

describe('the install marker', () => {
  it('is valid until the lock file changes', () => {
    expect(isInstalled(root)).toBe(false);
    writeFileSync(markerFile(root), installationKey(root));
    expect(isInstalled(root)).toBe(true);
    write('package-lock.json', { packages: { '': {} } });
    expect(isInstalled(root)).toBe(false);
  });

  it('is invalid when the allow-list of install scripts changes', () => {
    writeFileSync(markerFile(root), installationKey(root));
    write('package.json', { allowScripts: { good: true, bad: true } });
    expect(isInstalled(root)).toBe(false);
  });
});

describe('matchesLockFile', () => {
  it('accepts a manual npm installation without packages for other platforms', () => {
    expect(matchesLockFile(root)).toBe(true);
  });

  it.each([
    ['another version', { 'node_modules/a': { version: '1.0.1' } }],
    ['a missing package', {}],
    ['an extra package', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } }],
  ])('rejects %s', (_, packages) => {
    write('node_modules/.package-lock.json', { packages });
    expect(matchesLockFile(root)).toBe(false);
  });

  it('rejects a removed package folder and an unfinished installation', () => {
    rmSync(join(root, 'node_modules/a'), { recursive: true });
    expect(matchesLockFile(root)).toBe(false);
    rmSync(join(root, 'node_modules/.package-lock.json'));
    expect(matchesLockFile(root)).toBe(false);
  });
});

describe('allowedScripts', () => {
  it('lists only explicitly allowed packages', () => {
    expect(allowedScripts(root)).toEqual(['good']);
  });
});

describe('explainNpmFailure', () => {
  it.each([
    ['npm error code ENOTFOUND', /registry cannot be reached/],
    ['npm error code ENOSPC', /disk is full/],
    ['npm error code EACCES', /who owns node_modules/],
    ['spawn npm ENOENT', /npm is not on the PATH/],
    ['npm error code EINTEGRITY', /not what package-lock.json recorded/],
  ])('explains %s', (output, expected) => {
    expect(explainNpmFailure('ci', output)).toMatch(expected);
  });
});
