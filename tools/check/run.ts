import { spawn } from 'node:child_process';

import { findProgram } from '../local-stack';
import { CHECK_STEPS, type CheckStep } from './steps';

interface StepResult {
  readonly step: CheckStep;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

function runStep(step: CheckStep): Promise<StepResult> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let output = '';
    const finish = (ok: boolean): void =>
      resolve({ step, ok, output, seconds: (performance.now() - startedAt) / 1000 });
    const child = spawn(step.command, [...step.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: '0', TRIPLINE_PROMTOOL: findProgram('promtool') },
    });
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => {
      output += `${step.command} cannot be started: ${error.message}\n`;
      finish(false);
    });
    child.on('close', (code) => finish(code === 0));
  });
}

function report(result: StepResult): void {
  const mark = result.ok ? 'ok    ' : 'FAILED';
  console.log(`${mark} ${result.step.name} (${result.seconds.toFixed(1)} s)`);
  if (result.ok) return;
  console.log(result.output.trimEnd().replace(/^/gm, '       '));
  if (result.step.fix !== undefined) console.log(`       fix with: ${result.step.fix}`);
}

async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const steps = CHECK_STEPS.filter((step) => only.length === 0 || only.some((word) => step.name.includes(word)));
  // The lint rule for module boundaries needs the project graph; without it the rule would be skipped silently.
  await runStep({ name: 'project graph', command: 'nx', args: ['show', 'projects'] });
  const waiting = [...steps];
  const results: StepResult[] = [];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step);
      report(result);
      results.push(result);
    }
  };
  await Promise.all([worker(), worker()]);
  const failed = results.filter((result) => !result.ok).length;
  console.log(`check: ${results.length - failed} of ${results.length} clean`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
