import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The entries allowed in the root, which should read as a table of contents. */
const ALLOWED = new Set([
  '.ci',
  '.dockerignore',
  '.editorconfig',
  '.env.example',
  '.github',
  '.gitignore',
  '.npmrc',
  '.prettierignore',
  '.prettierrc.json',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'apps',
  'bench',
  'chaos',
  'docker-compose.yml',
  'docs',
  'e2e',
  'eslint.config.mjs',
  'jest.config.cjs',
  'k8s',
  'knip.json',
  'libs',
  'monitoring',
  'nx.json',
  'package-lock.json',
  'package.json',
  'tools',
  'tsconfig.base.json',
  'tsconfig.json',
]);

/** Folder names that say nothing about the domain. */
const EMPTY_NAMES = new Set([
  'utils',
  'helpers',
  'common',
  'shared',
  'core',
  'generic',
  'misc',
  'services',
  'usecases',
  'dtos',
]);
const MAX_PATH_SEGMENTS = 6;
/** A reader can hold an index of this size in their head; a larger one means that the lib should be split by field. */
const MAX_INDEX_NAMES = 39;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '');

const problems: string[] = [];
for (const entry of new Set(files.map((file) => file.split('/')[0] ?? ''))) {
  if (!ALLOWED.has(entry))
    problems.push(`${entry}: does not belong in the root (tools/check/layout.ts lists what does)`);
}
for (const file of files.filter((name) => /^(apps|libs)\/.*\.ts$/.test(name))) {
  const segments = file.split('/');
  const empty = segments.find((segment) => EMPTY_NAMES.has(segment));
  if (empty !== undefined) problems.push(`${file}: the folder name ${empty} says nothing; name the concept`);
  if (segments.length > MAX_PATH_SEGMENTS) problems.push(`${file}: more than ${MAX_PATH_SEGMENTS} path segments`);
}

for (const index of files.filter((name) => /^libs\/[^/]+\/src\/index\.ts$/.test(name))) {
  const names = [...readFileSync(index, 'utf8').matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) =>
    (list ?? '').split(',').filter((name) => name.trim() !== ''),
  );
  if (names.length > MAX_INDEX_NAMES)
    problems.push(`${index}: exports ${names.length} names (limit ${MAX_INDEX_NAMES}); split the lib by field`);
}

for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
