import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LOCAL_TARGETS, renderPrometheusConfig } from '../../monitoring/prometheus/render';
import { createLocalStack } from './src/stack';
import { listRunning, stopRunning } from './src/inspect';
import { findProgram } from './src/machine/programs';
import { prepareStack } from './src/prepare-stack';
import type { ComponentName } from './src/types';

const ROOT = resolve(__dirname, '../..');
const STACK_DIR = join(ROOT, '.local', 'dev');
const ENV_FILE = join(ROOT, '.local', 'infra.env');
const RULES_DIR = join(ROOT, 'monitoring', 'prometheus', 'rules');
const USAGE = `npm run infra              start Kafka, Redis, PostgreSQL (and Prometheus if installed) in the background
npm run infra -- status    list the running servers
npm run infra -- stop      stop them; the data is kept in .local/dev
npm run infra -- reset     stop them and delete their data`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Services that `nx serve` runs on this host, with their metrics ports. */
function writePrometheusConfig(): string {
  const file = join(STACK_DIR, 'prometheus.yml');
  mkdirSync(STACK_DIR, { recursive: true });
  writeFileSync(
    file,
    renderPrometheusConfig({ targets: LOCAL_TARGETS, scrapeIntervalSeconds: 15, rulesDir: RULES_DIR }),
  );
  return file;
}

async function start(): Promise<void> {
  const from = performance.now();
  const components: ComponentName[] = ['kafka', 'redis', 'postgres'];
  if (findProgram('prometheus')) components.push('prometheus');
  const stack = createLocalStack({
    dir: STACK_DIR,
    components,
    environment: process.env,
    prometheusConfigFile: writePrometheusConfig(),
    report: say,
  });
  const addresses = await stack.start();
  const environment = stack.environment();
  await prepareStack({ environment: { ...process.env, ...environment }, kafkaKind: addresses.kafkaKind, report: say });
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  writeEnvFile(lines);
  say(`ready in ${((performance.now() - from) / 1000).toFixed(1)} s; written to .local/infra.env:`);
  say(lines.join('\n'));
}

/** `nx serve` loads this file (see the apps' project.json); variables that are already set take precedence. */
function writeEnvFile(lines: readonly string[]): void {
  mkdirSync(dirname(ENV_FILE), { recursive: true });
  writeFileSync(`${ENV_FILE}.new`, `${lines.join('\n')}\n`, { mode: 0o600 });
  renameSync(`${ENV_FILE}.new`, ENV_FILE);
}

async function stop(): Promise<void> {
  const running = listRunning(STACK_DIR);
  if (running.length === 0) say('nothing is running');
  await stopRunning(STACK_DIR, ({ component }, how, ms) =>
    say(`${component.padEnd(10)} ${how} in ${(ms / 1000).toFixed(1)} s`),
  );
  rmSync(ENV_FILE, { force: true });
}

function status(): void {
  const running = listRunning(STACK_DIR);
  if (running.length === 0) say('nothing is running');
  for (const { component, record } of running) {
    say(`${component.padEnd(10)} ${record.label} at ${record.address}, pid ${record.pid}`);
  }
}

async function main(args: readonly string[]): Promise<void> {
  const [command = 'start'] = args;
  if (command === 'start') return start();
  if (command === 'stop') return stop();
  if (command === 'status') return status();
  if (command === 'reset') {
    await stop();
    rmSync(STACK_DIR, { recursive: true, force: true });
    return;
  }
  say(USAGE);
  process.exitCode = command === 'help' ? 0 : 2;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
