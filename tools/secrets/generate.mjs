// Generates the secrets of a local installation. Plain Node, because it also runs in an image without our code.
//   node tools/secrets/generate.mjs                    k8s/overlays/local/created-by-npm-run-secrets.env
//   node tools/secrets/generate.mjs --kubernetes FILE  the same in another file
//   node tools/secrets/generate.mjs --compose FOLDER   the files that docker-compose.yml mounts, one volume per folder
// Existing secrets are kept. An environment variable (JWT_SECRET, …) overrides a generated value.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const KUBERNETES_FILE = resolve(import.meta.dirname, '../../k8s/overlays/local/created-by-npm-run-secrets.env');
const OWNER_ONLY = 0o600;
/** Readable by all: each folder is a volume mounted only where it is needed, and the containers run as different users. */
const EVERY_USER = 0o444;

const random = (bytes) => randomBytes(bytes).toString('base64url');

function generate(env = process.env) {
  return {
    POSTGRES_PASSWORD: env.POSTGRES_PASSWORD || random(24),
    JWT_SECRET: env.JWT_SECRET || random(48),
    WEBHOOK_KEY: env.WEBHOOK_KEY || random(48),
    ADMIN_EMAIL: env.ADMIN_EMAIL || 'admin@example.com',
    ADMIN_PASSWORD: env.ADMIN_PASSWORD || random(18),
    GRAFANA_PASSWORD: env.GRAFANA_PASSWORD || random(18),
  };
}

const databaseUrl = (password) => `postgresql://tripline:${encodeURIComponent(password)}@postgres:5432/tripline`;
const toEnv = (values) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
const fromEnv = (text) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(/=(.*)/s, 2)),
  );

function forKubernetes(file) {
  if (existsSync(file)) return `${file} already exists; it was not changed`;
  const values = generate();
  const servers = { DATABASE_URL: databaseUrl(values.POSTGRES_PASSWORD), REDIS_URL: 'redis://redis:6379' };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, toEnv({ ...values, ...servers }), { mode: OWNER_ONLY, flag: 'wx' });
  return `${file} written; it contains the administrator's and Grafana's passwords`;
}

function forCompose(folder) {
  const keptFile = join(folder, 'kept', 'secrets.env');
  const kept = existsSync(keptFile) ? fromEnv(readFileSync(keptFile, 'utf8')) : {};
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value));
  const values = generate({ ...kept, ...given });
  const write = (name, text, mode) => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    // Replaced instead of rewritten: the file may be read-only, also for root in a container without capabilities.
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode });
  };
  write('kept/secrets.env', toEnv(values), OWNER_ONLY);
  const { POSTGRES_PASSWORD, GRAFANA_PASSWORD, ...api } = values;
  const database = { DATABASE_URL: databaseUrl(POSTGRES_PASSWORD) };
  const previous = process.env.WEBHOOK_KEY_PREVIOUS ? { WEBHOOK_KEY_PREVIOUS: process.env.WEBHOOK_KEY_PREVIOUS } : {};
  write('api/service.env', toEnv({ ...database, ...api, ...previous }), EVERY_USER);
  write('database/service.env', toEnv(database), EVERY_USER);
  write('postgres/password', POSTGRES_PASSWORD, EVERY_USER);
  write('grafana/password', GRAFANA_PASSWORD, EVERY_USER);
  return 'secrets are ready';
}

const [kind, target] = process.argv.slice(2);
if (kind === '--compose') console.log(forCompose(target));
else console.log(forKubernetes(kind === '--kubernetes' ? target : KUBERNETES_FILE));
