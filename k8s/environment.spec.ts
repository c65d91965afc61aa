import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { loadConfig as loadApiConfig } from '../apps/api/src/config';
import { loadConfig as loadGeneratorConfig } from '../apps/signal-generator/src/config';
import { loadConfig as loadDispatcherConfig } from '../apps/trigger-dispatcher/src/config';
import { loadConfig as loadWorkerConfig } from '../apps/worker/src/config';

type Environment = Readonly<Record<string, string>>;
interface ComposeFile {
  readonly services: Readonly<Record<string, { readonly environment: Readonly<Record<string, unknown>> }>>;
}

const ROOT = join(__dirname, '..');
const SERVICES: readonly (readonly [string, (env: Environment) => unknown])[] = [
  ['api', loadApiConfig],
  ['worker', loadWorkerConfig],
  ['signal-generator', loadGeneratorConfig],
  ['trigger-dispatcher', loadDispatcherConfig],
];
/** Read by the OpenTelemetry SDK itself. */
const FOREIGN = ['OTEL_EXPORTER_OTLP_ENDPOINT'];

/** `${NAME:-default}` as Compose reads it when nothing is set. */
const withDefaults = (value: unknown): string => String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1');

function composeEnvironment(service: string): Environment {
  const file = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as ComposeFile;
  const entries = Object.entries(file.services[service]?.environment ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, withDefaults(value)]));
}

/** The lines `NAME=value` of an env file. */
function envFile(path: string): Environment {
  const lines = readFileSync(join(__dirname, path), 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => (/^\w+=/.test(line) ? [line.split(/=(.*)/s).slice(0, 2) as [string, string]] : [])),
  );
}

/** Every variable name that stands in the service's sources or in the configuration of a lib. */
function namesKnownTo(service: string): Set<string> {
  const sources = ['libs', `apps/${service}/src`].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && (folder !== 'libs' || /config/.test(name)))
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  );
  return new Set(sources.join('\n').match(/\b[A-Z][A-Z0-9_]+\b/g));
}

describe.each(SERVICES)('environment of %s', (service, loadConfig) => {
  it('is a valid configuration in docker-compose.yml', () => {
    expect(() => loadConfig(composeEnvironment(service))).not.toThrow();
  });

  it('is a valid configuration on a local cluster', () => {
    const env = { ...envFile('base/config.env'), ...envFile('overlays/local/secrets.env') };
    expect(() => loadConfig(env)).not.toThrow();
  });

  it('names no variable in docker-compose.yml that the service does not read', () => {
    const known = namesKnownTo(service);
    const unknown = Object.keys(composeEnvironment(service)).filter((name) => !known.has(name));
    expect(unknown.filter((name) => !FOREIGN.includes(name))).toEqual([]);
  });
});

describe('config.env', () => {
  it('names only variables that some service reads', () => {
    const known = new Set(SERVICES.flatMap(([service]) => [...namesKnownTo(service)]));
    expect(Object.keys(envFile('base/config.env')).filter((name) => !known.has(name))).toEqual([]);
  });
});
