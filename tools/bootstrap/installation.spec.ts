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
  it('holds until the lock file changes', () => {
    expect(isInstalled(root)).toBe(false);
    writeFileSync(markerFile(root), installationKey(root));
    expect(isInstalled(root)).toBe(true);
    write('package-lock.json', { packages: { '': {} } });
    expect(isInstalled(root)).toBe(false);
  });

  it('is void when the allow-list of install scripts changes', () => {
    writeFileSync(markerFile(root), installationKey(root));
    write('package.json', { allowScripts: { good: true, bad: true } });
    expect(isInstalled(root)).toBe(false);
  });
});

describe('matchesLockFile', () => {
  it('accepts what npm installed by hand, without packages for other platforms', () => {
    expect(matchesLockFile(root)).toBe(true);
  });

  it.each([
    ['another version', { 'node_modules/a': { version: '1.0.1' } }],
    ['a missing package', {}],
    ['a package too many', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } }],
  ])('refuses %s', (_, packages) => {
    write('node_modules/.package-lock.json', { packages });
    expect(matchesLockFile(root)).toBe(false);
  });

  it('refuses a package whose folder was removed, and an installation that did not finish', () => {
    rmSync(join(root, 'node_modules/a'), { recursive: true });
    expect(matchesLockFile(root)).toBe(false);
    rmSync(join(root, 'node_modules/.package-lock.json'));
    expect(matchesLockFile(root)).toBe(false);
  });
});

describe('allowedScripts', () => {
  it('lists only what is allowed outright', () => {
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
  ])('says in plain words what %s means', (output, expected) => {
    expect(explainNpmFailure('ci', output)).toMatch(expected);
  });
});
