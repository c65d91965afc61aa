import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Kubernetes publishes its API as one OpenAPI file inside its Go module; fetching it needs `go` and the module proxy. */
const MODULE = 'k8s.io/kubernetes@v1.34.4';
const TARGET = join(__dirname, 'kubernetes-1.34.json');

/** The kinds our manifests use. A manifest of another kind fails the check until it is added here. */
const KINDS = [
  'apps/v1 Deployment',
  'apps/v1 StatefulSet',
  'batch/v1 Job',
  'networking.k8s.io/v1 NetworkPolicy',
  'policy/v1 PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1 Role',
  'rbac.authorization.k8s.io/v1 RoleBinding',
  'v1 ConfigMap',
  'v1 Namespace',
  'v1 Secret',
  'v1 Service',
  'v1 ServiceAccount',
];

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Types whose OpenAPI description is narrower than what the server takes. */
const REPLACED: Readonly<Record<string, JsonObject>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
};

/** Without prose and extensions, and with unknown fields refused: a misspelt field is the commonest fault. */
function tighten(value: Json): Json {
  if (Array.isArray(value)) return value.map(tighten);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) => !key.startsWith('x-') && !(['format', 'description'].includes(key) && typeof inner === 'string'),
  );
  const result = Object.fromEntries(kept.map(([key, inner]) => [key, tighten(inner)]));
  return isObject(value.properties ?? null) ? { ...result, additionalProperties: false } : result;
}

function referencesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner.replace('#/definitions/', '')] : referencesIn(inner),
  );
}

/** `apps/v1 Deployment` → name of its definition. */
function kindsOf(definitions: JsonObject): Record<string, string> {
  const kinds: Record<string, string> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const list = isObject(definition) ? definition['x-kubernetes-group-version-kind'] : undefined;
    if (!Array.isArray(list) || list.length !== 1) continue;
    const { group, version, kind } = list[0] as { group: string; version: string; kind: string };
    const key = `${group === '' ? '' : `${group}/`}${version} ${kind}`;
    if (KINDS.includes(key)) kinds[key] = name;
  }
  return kinds;
}

function main(): void {
  const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', MODULE], { encoding: 'utf8' })) as {
    Dir: string;
  };
  const { definitions } = JSON.parse(readFileSync(join(Dir, 'api/openapi-spec/swagger.json'), 'utf8')) as {
    definitions: JsonObject;
  };
  const kinds = kindsOf(definitions);
  const kept: Record<string, Json> = {};
  const waiting = Object.values(kinds);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in kept) continue;
    const definition = REPLACED[name] ?? tighten(definitions[name] ?? {});
    kept[name] = definition;
    waiting.push(...referencesIn(definition));
  }
  const sorted = Object.fromEntries(Object.entries(kept).sort(([a], [b]) => a.localeCompare(b)));
  writeFileSync(TARGET, `${JSON.stringify({ source: MODULE, kinds, definitions: sorted }, null, 1)}\n`);
  console.log(`${Object.keys(sorted).length} definitions of ${Object.keys(kinds).length} kinds written`);
}

main();
