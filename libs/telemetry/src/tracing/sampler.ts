import {
  type Attributes,
  type Context,
  diag,
  isSpanContextValid,
  type Link,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

const DEFAULT_SAMPLER = 'parentbased_traceidratio';

/** The samplers `OTEL_TRACES_SAMPLER` can name. The SDK has the same list, but gives no access to what it makes of it. */
const SAMPLERS: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

/**
 * The sampler that `OTEL_TRACES_SAMPLER` names, with `OTEL_TRACES_SAMPLER_ARG` as its ratio (default 1). Unset or unknown:
 * `parentbased_traceidratio`, so that the ratio alone is enough to sample less.
 */
export function createSampler(): Sampler {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER')?.trim() ?? DEFAULT_SAMPLER;
  const create = Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name] : undefined;
  if (create === undefined) diag.error(`unknown OTEL_TRACES_SAMPLER ${name}: using ${DEFAULT_SAMPLER}`);
  const sampler = (create ?? SAMPLERS[DEFAULT_SAMPLER])?.(readRatio()) ?? new AlwaysOnSampler();
  return new NoClientRootSampler(sampler);
}

function readRatio(): number {
  const ratio = getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1;
  if (ratio >= 0 && ratio <= 1) return ratio;
  diag.error(`OTEL_TRACES_SAMPLER_ARG must be between 0 and 1, not ${ratio}: using 1`);
  return 1;
}

/**
 * Never samples a trace that would start with a client call: polling and maintenance queries would drown the traces of
 * work. The instrumentations still count such calls in their metrics, which their own "require a parent" options would
 * switch off.
 */
export class NoClientRootSampler implements Sampler {
  constructor(private readonly sampler: Sampler) {}

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    if (kind === SpanKind.CLIENT && !hasParent(context)) return { decision: SamplingDecision.NOT_RECORD };
    return this.sampler.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `NoClientRootSampler{${this.sampler.toString()}}`;
  }
}

function hasParent(context: Context): boolean {
  const parent = trace.getSpanContext(context);
  return parent !== undefined && isSpanContextValid(parent);
}
