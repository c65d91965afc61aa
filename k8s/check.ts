import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';

import { checkHardening } from './checks/hardening';
import type { Manifest } from './checks/manifest';
import { checkReferences } from './checks/references';
import { createSchemaCheck, type SchemaCheck } from './checks/schema';

interface Target {
  readonly folder: string;
  /** Objects that the operator brings. */
  readonly external: readonly string[];
}

const TARGETS: readonly Target[] = [
  { folder: 'base', external: ['Secret tripline-secrets'] },
  { folder: 'overlays/local', external: [] },
];
const SECRET_TEMPLATE = join(__dirname, 'base/secret.template.yaml');

/** What `kubectl apply -k` would send. */
function buildManifests(folder: string): Manifest[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

function checkTarget({ folder, external }: Target, checkSchema: SchemaCheck): string[] {
  const manifests = buildManifests(join(__dirname, folder));
  console.log(`k8s/${folder}: ${manifests.length} objects`);
  return [...manifests.flatMap(checkSchema), ...checkReferences(manifests, external), ...checkHardening(manifests)].map(
    (problem) => `k8s/${folder}: ${problem}`,
  );
}

/** The local overlay needs a file that is not in the repository; one that is there is kept. */
function generateSecrets(): void {
  execFileSync(process.execPath, [join(__dirname, '../tools/secrets/generate.mjs')], { stdio: 'ignore' });
}

function kubectlIsThere(): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'kubectl')));
}

/** Builds base and overlays and checks every object: schema of its kind, references, hardening. */
function main(): number {
  const checkSchema = createSchemaCheck();
  const problems = checkSchema(parse(readFileSync(SECRET_TEMPLATE, 'utf8')) as Manifest);
  generateSecrets();
  if (kubectlIsThere()) problems.push(...TARGETS.flatMap((target) => checkTarget(target, checkSchema)));
  else console.log('kubectl is not installed: the manifests were not built');
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = main();
