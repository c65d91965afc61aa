import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadConfig as loadApiConfig } from '../../apps/api/src/config';
import { loadConfig as loadGeneratorConfig } from '../../apps/signal-generator/src/config';
import { loadConfig as loadDispatcherConfig } from '../../apps/trigger-dispatcher/src/config';
import { loadConfig as loadWorkerConfig } from '../../apps/worker/src/config';

type Variables = Readonly<Record<string, string>>;

const APPS: readonly (readonly [string, (env: Variables) => unknown])[] = [
  ['signal-generator', loadGeneratorConfig],
  ['trigger-dispatcher', loadDispatcherConfig],
  ['worker', loadWorkerConfig],
  ['api', loadApiConfig],
];
/** Variables without a default. Every app gets all of them and reads those it knows. */
const REQUIRED: Variables = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  REDIS_URL: 'redis://127.0.0.1:6379',
  DATABASE_URL: 'postgresql://tripline:tripline@127.0.0.1:5432/tripline',
};

const read = (path: string): string => readFileSync(join(__dirname, '../..', path), 'utf8');

/** Schema keys in a source file: lines that begin with a name in capitals and a colon. */
const schemaVariables = (path: string): string[] =>
  [...read(path).matchAll(/^ +([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name as string);

const SHARED = [
  ...schemaVariables('libs/runtime/src/config/common-config.ts').filter((name, at, all) => all.indexOf(name) === at),
  ...schemaVariables('libs/messaging/src/connection/kafka-config.ts'),
  ...schemaVariables('libs/queue/src/connection/redis-config.ts'),
  ...schemaVariables('libs/database/src/connection/database-config.ts'),
  // Read by the SDK's helpers instead of a schema.
  ...new Set(
    ['sdk', 'sampler', 'span-processors', 'instrumentations'].flatMap(
      (file) => read(`libs/telemetry/src/tracing/${file}.ts`).match(/(?<=')OTEL_[A-Z_]+(?=')/g) ?? [],
    ),
  ),
  // Read only by the SDK; documented because our preload sets its default.
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
];
const ownVariables = (app: string): string[] => schemaVariables(`apps/${app}/src/config.ts`);
const READ_BY_APPS = new Set([...SHARED, ...APPS.flatMap(([app]) => ownVariables(app))]);
/** Variables that Compose fills into docker-compose.yml: images, ports, passwords of the containers. */
const COMPOSE = new Map(
  [...read('docker-compose.yml').matchAll(/\$\{([A-Z][A-Z0-9_]+):-([^}]*)\}/g)].map(([, name, value]) => [
    name as string,
    value,
  ]),
);

const codesOf = (cell = ''): string[] => [...cell.matchAll(/`([^`]*)`/g)].map(([, code]) => code as string);

/** Names and defaults in tables of the form | Variable | Default | … |; undefined where the default is described in words. */
function documentedVariables(path: string): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  let isInTable = false;
  for (const line of read(path).split('\n')) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (cells.length < 4) isInTable = false;
    else if (cells[1] === 'Variable' && cells[2] === 'Default') isInTable = true;
    else if (isInTable) {
      const names = codesOf(cells[1]).filter((code) => /^[A-Z][A-Z0-9_]+$/.test(code));
      const defaults = codesOf(cells[2]);
      names.forEach((name, index) => found.set(name, defaults.length === names.length ? defaults[index] : undefined));
    }
  }
  return found;
}

/** Lines `#NAME=value` of .env.example. */
const EXAMPLE = new Map(
  [...read('.env.example').matchAll(/^#([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name as string, value]),
);

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();
const withoutRequired = (values: ReadonlyMap<string, string | undefined>): Variables =>
  Object.fromEntries(
    [...values].filter((entry): entry is [string, string] => entry[1] !== undefined && !(entry[0] in REQUIRED)),
  );

describe.each(APPS)('configuration of %s', (app, loadConfig) => {
  const readme = documentedVariables(`apps/${app}/README.md`);
  const shared = documentedVariables('docs/configuration.md');

  it('documents each of its own variables in the README', () => {
    expect(ownVariables(app)).not.toEqual([]);
    expect(ownVariables(app).filter((name) => !readme.has(name))).toEqual([]);
  });

  it('documents no variable in the README that it does not read', () => {
    const known = new Set([...ownVariables(app), ...SHARED]);
    expect([...readme.keys()].filter((name) => !known.has(name))).toEqual([]);
  });

  it('does not change when every documented default is set', () => {
    const documented = { ...withoutRequired(shared), ...withoutRequired(readme) };
    expect(loadConfig({ ...REQUIRED, ...documented })).toEqual(loadConfig(REQUIRED));
  });

  it('does not change when every line of .env.example is set', () => {
    expect(loadConfig({ ...REQUIRED, ...withoutRequired(EXAMPLE) })).toEqual(loadConfig(REQUIRED));
  });
});

describe('docs/configuration.md', () => {
  it('lists exactly the variables that several apps share', () => {
    expect(sorted(documentedVariables('docs/configuration.md').keys())).toEqual(sorted(SHARED));
  });
});

describe('.env.example', () => {
  it('lists exactly what the apps and docker-compose.yml read', () => {
    expect(sorted(EXAMPLE.keys())).toEqual(sorted([...READ_BY_APPS, ...COMPOSE.keys()]));
  });

  it("has docker-compose.yml's defaults for variables that no app reads", () => {
    for (const [name, value] of COMPOSE)
      if (!READ_BY_APPS.has(name)) expect([name, EXAMPLE.get(name)]).toEqual([name, value]);
  });
});
