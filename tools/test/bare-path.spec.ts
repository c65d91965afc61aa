import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Programs that the repository's own scripts must find or install. */
const INSTALLED_BY_SCRIPTS = ['redis-server', 'prometheus', 'promtool', 'kcat'] as const;

describe('the bare PATH', () => {
  let folder: string;
  let bare: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bare-path-'));
    const byHand = join(folder, 'by-hand');
    execFileSync('mkdir', [byHand]);
    for (const name of [...INSTALLED_BY_SCRIPTS, 'psql', 'kubectl']) {
      writeFileSync(join(byHand, name), '#!/bin/sh\necho found\n');
      chmodSync(join(byHand, name), 0o755);
    }
    const env = { ...process.env, PATH: `${byHand}:${process.env['PATH']}` };
    expect(spawnSync(INSTALLED_BY_SCRIPTS[0], { env, encoding: 'utf8' }).stdout).toBe('found\n');
    bare = execFileSync(join(__dirname, 'bare-path.sh'), [join(folder, 'bare')], { env, encoding: 'utf8' }).trim();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([...INSTALLED_BY_SCRIPTS, 'psql', 'kubectl'])('hides a manually installed %s', (name) => {
    const { error } = spawnSync(name, { env: { PATH: bare } });
    expect(error).toMatchObject({ code: 'ENOENT' });
  });

  it("contains the README's prerequisites and the base system", () => {
    expect(readdirSync(bare)).toEqual(expect.arrayContaining(['node', 'bash', 'sed', 'tar', 'ps']));
    expect(execFileSync('node', ['--version'], { env: { PATH: bare }, encoding: 'utf8' })).toMatch(/^v\d+/);
  });
});
