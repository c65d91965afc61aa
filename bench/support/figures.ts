import type { BenchResult } from './bench';
import type { Machine } from './machine';

const BEGIN = '<!-- figures: written by `npm run bench -- all --write` -->';
const END = '<!-- end of figures -->';

/** A result of the bench `latency` for one of its loads. */
interface LoadFigures {
  readonly ratePerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly bareP95: number;
  readonly ratio: number;
  readonly goalP95: number;
  readonly stretches?: Readonly<Record<string, number>>;
}

/** Replaces the figures in the document. Throws if the markers are missing. Pure. */
export function replaceFigures(document: string, figures: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the document has no ${BEGIN} … ${END}`);
  return `${document.slice(0, from)}${BEGIN}\n\n${figures.trim()}\n\n${document.slice(to)}`;
}

/** The tables of the document as Markdown. Pure. */
export function renderFigures(results: readonly BenchResult[], machine: Machine, date: string): string {
  const rows = results.map((result) => [
    `\`${result.name}\``,
    `${number(result.figure)} ${result.unit}`,
    number(result.ceiling),
    result.ratio.toFixed(2),
    result.goal,
    result.met ? 'yes' : '**no**',
    String(result['load'] ?? ''),
  ]);
  const head = ['Bench', 'Figure', 'Ceiling of the same run', 'Ratio', 'Goal', 'Met', 'Load before'];
  const measured =
    `Measured ${date} on ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${machine.node}, ` +
    'with the servers on the same cores.';
  return [measured, table(head, rows), ...latencyTable(results), ...scrapeLine(results)].join('\n\n');
}

function latencyTable(results: readonly BenchResult[]): string[] {
  const loads = results.find(({ name }) => name === 'latency')?.['loads'] as readonly LoadFigures[] | undefined;
  if (loads === undefined) return [];
  const rows = loads.map(({ stretches = {}, ...load }) => [
    `${number(load.ratePerSecond)}/s`,
    ...[load.p50, load.p95, load.p99, load.bareP95, load.ratio, load.goalP95].map(number),
    Object.entries(stretches)
      .map(([name, ms]) => `${name} ${ms}`)
      .join(', '),
  ]);
  const head = ['`latency` at', 'p50', 'p95', 'p99', 'Bare path p95', 'Ratio', 'Goal p95', 'Medians of the stretches'];
  return [table(head, rows), 'Milliseconds.'];
}

function scrapeLine(results: readonly BenchResult[]): string[] {
  const result = results.find(({ name }) => name === 'telemetry');
  if (result === undefined) return [];
  const { series, scrapeP50, scrapeP95, scrapeP99 } = result;
  return [
    `\`telemetry\`: a scrape of ${series} series takes ${scrapeP50} ms (p50), ${scrapeP95} (p95), ${scrapeP99} (p99).`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
