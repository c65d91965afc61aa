import type { ExpositionFormat } from './accept';
import { escapeLabelValue, type Family, type Sample } from './family';

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
};

/**
 * Writes families as OpenMetrics 1.0 (counter families without `_total`, exemplars, `# EOF`) or as Prometheus text
 * 0.0.4 (counter families with `_total`, no exemplars). Sample names are the same in both.
 */
export function formatFamilies(families: readonly Family[], format: ExpositionFormat): string {
  const lines: string[] = [];
  for (const family of families) appendFamily(lines, family, format);
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function appendFamily(lines: string[], family: Family, format: ExpositionFormat): void {
  const isOpenMetrics = format === 'openmetrics';
  const name = family.type === 'counter' && !isOpenMetrics ? `${family.name}_total` : family.name;
  const type = family.type === 'unknown' && !isOpenMetrics ? 'untyped' : family.type;
  lines.push(`# HELP ${name} ${escapeHelp(family.help, isOpenMetrics)}`, `# TYPE ${name} ${type}`);
  for (const sample of family.samples) lines.push(formatSample(family.name, sample, isOpenMetrics));
}

function formatSample(name: string, sample: Sample, isOpenMetrics: boolean): string {
  const labels = sample.labels === '' ? '' : `{${sample.labels}}`;
  const line = `${name}${sample.suffix}${labels} ${formatValue(sample.value)}`;
  if (!isOpenMetrics || sample.exemplar === undefined) return line;
  const { exemplar } = sample;
  return `${line} # {${exemplar.labels}} ${formatValue(exemplar.value)} ${exemplar.timestamp}`;
}

function escapeHelp(help: string, isOpenMetrics: boolean): string {
  return isOpenMetrics ? escapeLabelValue(help) : help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
