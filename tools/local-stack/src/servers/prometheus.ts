import { mkdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import type { Launch, Ports, ServerRecipe } from '../types';

/** Options of the local Prometheus. */
export interface PrometheusOptions {
  readonly binary: string;
  readonly configFile: string;
  readonly dir: string;
  readonly preferredPorts: Ports;
}

/** An installed Prometheus with the caller's configuration. */
export function createPrometheusRecipe(options: PrometheusOptions): ServerRecipe {
  return {
    component: 'prometheus',
    kind: 'embedded',
    label: 'Prometheus',
    fingerprint: `${options.binary} ${readFileSync(options.configFile, 'utf8')}`,
    preferredPorts: options.preferredPorts,
    startDeadlineMs: 30_000,
    stopDeadlineMs: 15_000,
    async prepare(): Promise<void> {
      mkdirSync(options.dir, { recursive: true });
    },
    launch: (ports: Ports): Launch => ({
      command: options.binary,
      args: [
        `--config.file=${options.configFile}`,
        `--storage.tsdb.path=${options.dir}`,
        `--web.listen-address=127.0.0.1:${ports[0]}`,
        '--web.enable-lifecycle',
        '--enable-feature=exemplar-storage',
      ],
      cwd: options.dir,
    }),
    check: (ports: Ports) => checkReady(ports[0] ?? 0),
    address: (ports: Ports) => `http://127.0.0.1:${ports[0]}`,
  };
}

function checkReady(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/-/ready', timeout: 1_000 }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`Prometheus answered ${response.statusCode}`));
    });
    request.once('timeout', () => request.destroy(new Error('Prometheus does not answer')));
    request.once('error', reject);
  });
}
