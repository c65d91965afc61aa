import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';

import { loadConfig as loadApiConfig } from '../apps/api/src/config';
import { loadConfig as loadGeneratorConfig } from '../apps/signal-generator/src/config';
import { loadConfig as loadDispatcherConfig } from '../apps/trigger-dispatcher/src/config';
import { loadConfig as loadWorkerConfig } from '../apps/worker/src/config';

type Environment = Readonly<Record<string, string>>;
interface ComposeFile {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment: Readonly<Record<string, unknown>>;
        readonly stop_grace_period?: string;
        readonly volumes?: readonly string[];
      }
    >
  >;
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

/** What the images set. */
const IMAGE = { NODE_ENV: 'production' };
const secretsDir = mkdtempSync(join(tmpdir(), 'tripline-secrets-'));
const kubernetesSecrets = join(secretsDir, 'kubernetes.env');

function generateSecrets(...args: string[]): void {
  execFileSync(process.execPath, [join(ROOT, 'tools/secrets/generate.mjs'), ...args], { env: {} });
}

beforeAll(() => {
  generateSecrets('--compose', secretsDir);
  generateSecrets('--kubernetes', kubernetesSecrets);
});
afterAll(() => rmSync(secretsDir, { recursive: true }));

/** The variables of a service in Compose, with those of the file that its command names. */
function composeEnvironment(service: string): Environment {
  const file = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as ComposeFile;
  const entries = Object.entries(file.services[service]?.environment ?? {});
  const named = Object.fromEntries(entries.map(([name, value]) => [name, withDefaults(value)]));
  const volume = file.services[service]?.volumes?.find((text) => text.endsWith(':/run/tripline:ro'));
  const folder = /^secrets-(\w+):/.exec(volume ?? '')?.[1];
  return { ...IMAGE, ...named, ...(folder === undefined ? {} : envFile(join(secretsDir, folder, 'service.env'))) };
}

/** The lines `NAME=value` of an env file. */
function envFile(path: string): Environment {
  const lines = readFileSync(resolve(__dirname, path), 'utf8').split('\n');
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
    const env = { ...IMAGE, ...envFile('base/config.env'), ...envFile(kubernetesSecrets) };
    expect(() => loadConfig(env)).not.toThrow();
  });

  it('names no variable in docker-compose.yml that the service does not read', () => {
    const known = namesKnownTo(service);
    const unknown = Object.keys(composeEnvironment(service)).filter((name) => !known.has(name));
    expect(unknown.filter((name) => !FOREIGN.includes(name))).toEqual([]);
  });
});

describe('generated secrets', () => {
  const kept = (): string => readFileSync(join(secretsDir, 'kept/secrets.env'), 'utf8');

  it('are kept by the next start, and readable to their owner only', () => {
    const [first, kubernetes] = [kept(), readFileSync(kubernetesSecrets, 'utf8')];
    generateSecrets('--compose', secretsDir);
    generateSecrets('--kubernetes', kubernetesSecrets);
    expect([kept(), readFileSync(kubernetesSecrets, 'utf8')]).toEqual([first, kubernetes]);
    for (const path of ['kept/secrets.env', 'kubernetes.env']) {
      expect(statSync(join(secretsDir, path)).mode & 0o777).toBe(0o600);
    }
  });

  it('differ from each other and from those of another installation', () => {
    const other = mkdtempSync(join(tmpdir(), 'tripline-secrets-'));
    generateSecrets('--compose', other);
    const secrets = [secretsDir, other].flatMap((folder) => {
      const values = Object.entries(envFile(join(folder, 'kept/secrets.env'))).filter(
        ([name]) => name !== 'ADMIN_EMAIL',
      );
      return values.map(([, value]) => value);
    });
    rmSync(other, { recursive: true });
    expect(secrets).toHaveLength(10);
    expect(new Set(secrets).size).toBe(10);
  });

  it('stand nowhere in docker-compose.yml or the manifests', () => {
    const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
    // Every secret has an empty default: the generator fills it.
    expect(compose.match(/\$\{\w*(?:PASSWORD|SECRET|KEY)\w*:-[^}]+\}/g)).toBeNull();
    expect(readFileSync(join(__dirname, 'overlays/local/kustomization.yaml'), 'utf8')).not.toMatch(/literals:/);
  });

  it.each([
    ['api', { JWT_SECRET: 'for-trying-out-only-set-JWT_SECRET-for-real-use' }, 'JWT_SECRET'],
    ['api', { WEBHOOK_KEY: 'for-trying-out-only-set-JWT_SECRET-for-real-use' }, 'WEBHOOK_KEY'],
    ['api', { ADMIN_PASSWORD: 'tripline-dev-admin' }, 'ADMIN_PASSWORD'],
    ['api', { DATABASE_URL: 'postgresql://tripline:tripline-dev@postgres:5432/tripline' }, 'DATABASE_URL'],
    ['worker', { DATABASE_URL: 'postgresql://tripline:tripline-dev@postgres:5432/tripline' }, 'DATABASE_URL'],
    ['worker', { DATABASE_URL: 'postgresql://tripline:tripline@postgres:5432/tripline' }, 'DATABASE_URL'],
    ['trigger-dispatcher', { DATABASE_URL: 'postgresql://tripline:tripline-dev@db:5432/x' }, 'DATABASE_URL'],
  ])('of earlier versions are refused by %s: %j', (service, sample, variable) => {
    const load = SERVICES.find(([name]) => name === service)?.[1];
    expect(() => load?.({ ...composeEnvironment(service), ...sample })).toThrow(
      new RegExp(`^invalid configuration:\n  ${variable}: [^\n]*own$`),
    );
  });
});

describe('the time to stop', () => {
  interface Workload {
    readonly kind: string;
    readonly spec?: { readonly template?: { readonly spec: PodTime } };
  }
  interface PodTime {
    readonly terminationGracePeriodSeconds?: number;
    readonly containers: readonly {
      readonly lifecycle?: { readonly preStop?: { readonly sleep?: { seconds: number } } };
    }[];
  }
  const deploymentOf = (service: string): PodTime => {
    const documents = parseAllDocuments(readFileSync(join(__dirname, `base/${service}.yaml`), 'utf8'));
    const found = documents.map((document) => document.toJS() as Workload).find(({ kind }) => kind === 'Deployment');
    if (found?.spec?.template === undefined) throw new Error(`${service}.yaml has no Deployment`);
    return found.spec.template.spec;
  };
  const stopDeadlineMs = Number(envFile('base/config.env')['STOP_DEADLINE_MS']);

  it.each(SERVICES.map(([service]) => service))('of %s ends before Kubernetes kills the pod', (service) => {
    const { terminationGracePeriodSeconds = 30, containers } = deploymentOf(service);
    const sleepSeconds = containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(sleepSeconds * 1_000 + stopDeadlineMs);
  });

  it('of the api begins while Kubernetes takes the pod out of the Service, and includes a drain', () => {
    expect(deploymentOf('api').containers[0]?.lifecycle?.preStop?.sleep?.seconds).toBeGreaterThan(0);
    const env = { ...envFile('base/config.env'), ...envFile(kubernetesSecrets) };
    const { drainDelayMs, stopDeadlineMs: deadlineMs } = loadApiConfig(env);
    expect(drainDelayMs).toBeGreaterThan(0);
    expect(drainDelayMs).toBeLessThan(deadlineMs);
  });

  it.each(SERVICES.map(([service]) => service))('of %s ends before Compose kills the container', (service) => {
    const file = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as ComposeFile;
    const grace = /^(\d+)s$/.exec(file.services[service]?.stop_grace_period ?? '')?.[1];
    expect(Number(grace) * 1_000).toBeGreaterThan(Number(composeEnvironment(service)['STOP_DEADLINE_MS']));
  });
});

describe('config.env', () => {
  it('names only variables that some service reads', () => {
    const known = new Set(SERVICES.flatMap(([service]) => [...namesKnownTo(service)]));
    expect(Object.keys(envFile('base/config.env')).filter((name) => !known.has(name))).toEqual([]);
  });
});
