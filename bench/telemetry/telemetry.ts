import { buildApps } from '../../tools/demo/build-apps';
import { dispatchSelectively, fillSelectiveTopic } from '../dispatch-selective/dispatch-selective';
import type { Bench, BenchContext, BenchResult } from '../support/bench';
import { round, summarise } from '../support/statistics';
import { measureScrape, type ScrapeSummary } from './scrape';
import { type SpanSink, startSpanSink } from './span-sink';

const PIPELINES = 10_000;
const GOAL_KEPT = 0.95;
const SERIES = 5_000;
const GOAL_SCRAPE_MS = 25;

export const telemetry: Bench = {
  name: 'telemetry',
  description: 'dispatch-selective with all telemetry on and off, and a scrape of 5,000 series',
  flags: {
    signals: 'number of signals waiting in Kafka (400000)',
    only: 'scrape: no dispatching',
    profile: 'folder for CPU profiles of the dispatcher',
  },
  run: async (context) => measure(context),
};

async function measure(context: BenchContext): Promise<BenchResult> {
  const scrape = await measureScrape(SERIES);
  context.report(
    `a scrape of ${scrape.series} series: p50 ${round(scrape.p50)} p95 ${round(scrape.p95)} p99 ${round(scrape.p99)} ms`,
  );
  if (context.options.text('only', '') === 'scrape') return scrapeResult(scrape);
  const { figure, ceiling, ratio, ratios } = summarise(await measureDispatch(context));
  return {
    ...{ name: 'telemetry', figure, unit: 'signals/s', ceiling, ratio, ratios },
    goal: `≥ ${GOAL_KEPT} of the same without telemetry; p95 of a scrape of ${SERIES} series ≤ ${GOAL_SCRAPE_MS} ms`,
    met: ratio >= GOAL_KEPT && scrape.p95 <= GOAL_SCRAPE_MS,
    lostPercent: (1 - ratio) * 100,
    ...{
      series: scrape.series,
      scrapeP50: round(scrape.p50),
      scrapeP95: round(scrape.p95),
      scrapeP99: round(scrape.p99),
    },
  };
}

function scrapeResult({ p50, p95, p99, series }: ScrapeSummary): BenchResult {
  return {
    ...{ name: 'telemetry', figure: p95, unit: 'ms (p95 of a scrape)', ceiling: GOAL_SCRAPE_MS },
    ratio: p95 / GOAL_SCRAPE_MS,
    goal: `p95 of a scrape of ${SERIES} series ≤ ${GOAL_SCRAPE_MS} ms`,
    met: p95 <= GOAL_SCRAPE_MS,
    ...{ p50, p95, p99, series },
  };
}

/** Alternates on and off in changing order, so that warm-up and fill-up effects hit both. */
async function measureDispatch(context: BenchContext): Promise<{ figure: number; ceiling: number }[]> {
  const { options, report } = context;
  const signals = options.number('signals', 400_000);
  report(await buildApps(['trigger-dispatcher']));
  const topic = await fillSelectiveTopic(context, signals, PIPELINES);
  const sink = await startSpanSink();
  context.onCleanup(() => sink.close());
  const dispatch = async (env: Readonly<Record<string, string>>): Promise<number> =>
    (await dispatchSelectively(context, { topic, signals, pipelines: PIPELINES, env })).perSecond;
  const runs: { figure: number; ceiling: number }[] = [];
  for (let run = 1; run <= options.runs(3); run += 1) {
    const isOnFirst = run % 2 === 1;
    const first = await dispatch(isOnFirst ? everythingOn(sink) : EVERYTHING_OFF);
    const second = await dispatch(isOnFirst ? EVERYTHING_OFF : everythingOn(sink));
    const [figure, ceiling] = isOnFirst ? [first, second] : [second, first];
    runs.push({ figure, ceiling });
    report(
      `run ${run}: ${Math.round(figure)} signals/s with, ${Math.round(ceiling)} without telemetry, ` +
        `ratio ${(figure / ceiling).toFixed(3)} (${Math.round(sink.bytes() / 1024)} KiB of spans so far)`,
    );
  }
  return runs;
}

/** Samples every signal's trace and exports it by OTLP. */
function everythingOn(sink: SpanSink): Readonly<Record<string, string>> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_TRACES_SAMPLER_ARG: '1', LOG_LEVEL: 'info' };
}

const EVERYTHING_OFF = { OTEL_SDK_DISABLED: 'true', LOG_LEVEL: 'silent' };
