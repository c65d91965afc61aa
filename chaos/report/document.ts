import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { DOSES, type FaultId, FAULTS } from '../faults/matrix';
import { ROOT } from '../system/servers';
import type { ChaosSummary } from './summary';

const DOCUMENT = join(ROOT, 'docs', 'reliability.md');
const BEGIN = '<!-- chaos:begin: written by `npm run chaos -- --dose nightly --write` -->';
const END = '<!-- chaos:end -->';

/** Units of doses that do not count faults. */
const UNIT: Partial<Readonly<Record<FaultId, string>>> = { F2: ' a point', F14: ' s', F17: ' kinds', F23: ' seeds' };

/** The results table as Markdown. */
export function describeRun(summary: ChaosSummary, dose: 'pr' | 'nightly', date: string): string {
  const { lost, doubled, stuck, broken, signals, decisions, executions, orders, zombieWritesRejected } = summary;
  const count = (value: number): string => value.toLocaleString('en-US');
  const minutes = Math.round(summary.seconds / 60);
  const lines = [
    `The ${dose} dose of ${date}, seed ${summary.seed}, on ${cpus().length} cores for everything, in ${minutes} minutes: ` +
      `**${count(summary.faults)} faults, ${lost} lost, ${doubled} doubled, ${stuck} stuck**, ${broken} other guarantees broken. Meanwhile ` +
      `${count(signals)} signals were published, ${count(decisions)} decisions made, ${count(executions)} pipelines executed and ` +
      `${count(orders)} orders sent; ${count(zombieWritesRejected)} writes of zombies were fenced off.`,
    '',
    '| Row | Fault | Dose | Made | Problems | Recovery p50, s | p99, s | max, s |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...(Object.keys(FAULTS) as FaultId[]).map((row) => lineOf(row, summary, dose)),
    '',
    `Exits at each failpoint, by the evidence the processes left: ${describeCounts(summary.failpoints)}.`,
    '',
    `Processes that exited unexpectedly and were restarted: ${describeCounts(summary.unasked)}.`,
  ];
  return `${lines.join('\n')}\n`;
}

function lineOf(row: FaultId, summary: ChaosSummary, dose: 'pr' | 'nightly'): string {
  const asked = DOSES[dose][row];
  const wanted = asked === undefined ? '–' : `${asked.toLocaleString('en-US')}${UNIT[row] ?? ''}`;
  if (row === 'F23') {
    const { simulation } = summary;
    const problems = simulation === null ? '' : simulation.failures.length;
    return `| ${row} | ${FAULTS[row]} | ${wanted} | ${simulation?.seeds.toLocaleString('en-US') ?? 0} | ${problems} | | | |`;
  }
  const found = summary.byFault[row];
  const { p50 = '', p99 = '', max = '' } = found?.recovery ?? {};
  return `| ${row} | ${FAULTS[row]} | ${wanted} | ${found?.count ?? 0} | ${found?.problems ?? ''} | ${p50} | ${p99} | ${max} |`;
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name} ${count}`).join(', ');
}

/** Writes the results table between the markers of docs/reliability.md. */
export function writeDocument(summary: ChaosSummary, dose: 'pr' | 'nightly'): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < 0) throw new Error(`${DOCUMENT} has no markers for the table`);
  const table = describeRun(summary, dose, new Date().toISOString().slice(0, 10));
  writeFileSync(DOCUMENT, `${text.slice(0, from + BEGIN.length)}\n\n${table}\n${text.slice(to)}`);
  spawnSync(join(ROOT, 'node_modules/.bin/prettier'), ['--write', '--log-level', 'warn', DOCUMENT]);
}
