import type { Pipeline } from '@tripline/triggers';
import type { SimulationStore } from '@tripline/decision-store';
import type { ScannerRepository } from '@tripline/pipeline-store';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { assertSoundPipeline } from '../pipelines/check-pipeline';
import { toPipelineDefinition } from '../pipelines/pipeline-wire';
import { denial } from '../pipelines/denial';
import { wantsOf, warmUpMsOf } from './replay-pipeline';
import { assumeRun, runSimulation } from './run-simulation';
import type { SignalLog } from './signal-log';
import type { SimulationPlaces } from './simulation-places';
import { simulateBody, simulationSchema } from './simulation-schemas';
import { basisOf, countsOf, simulatedResource } from './simulation-wire';

export interface SimulateRoutesOptions {
  readonly scanners: Pick<ScannerRepository, 'find'>;
  readonly simulations: SimulationStore;
  readonly log: SignalLog;
  readonly places: SimulationPlaces;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const DAY_MS = 86_400_000;
/** An unsaved definition has no id. A constant one keeps repeated simulations identical. */
const UNSAVED_ID = '00000000-0000-4000-8000-000000000000';

/** Shows how often a definition would have triggered, before it is saved. */
export function registerSimulateRoutes(app: ApiApp, options: SimulateRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/pipelines/simulate',
    schema: {
      tags: ['simulation'],
      summary: 'Simulate a pipeline definition on recent signals',
      description:
        'Matches and decides as for live signals, with the clock set to the append time of each signal. Assumes that every execution takes equally ' +
        'long. Saves nothing and starts no execution. Each user can run one simulation at a time.',
      body: simulateBody,
      response: {
        200: simulationSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      const { pipeline: input, days, samples, run_seconds: runSeconds } = request.body;
      await assertSoundPipeline(input, viewer, options.scanners);
      if (input.trigger_mode !== 'signal') {
        throw denial('pipeline.trigger_mode', 'only a pipeline with trigger_mode signal can be simulated');
      }
      const definition = toPipelineDefinition(input);
      const scanner = input.scanner_id === null ? null : await options.scanners.find(viewer, input.scanner_id);
      const tickers = scanner?.tickers ?? definition.tickers;
      const pipeline: Pipeline = { ...definition, tickers, id: UNSAVED_ID, version: 1, userId: viewer.userId };
      return options.places.take(viewer.userId, async () => {
        const assumed = await assumeRun(runSeconds, { pipelineId: null, userId: viewer.userId }, options.simulations);
        const to = options.now();
        const from = to - days * DAY_MS;
        const span = { warmUpFrom: from - warmUpMsOf(pipeline, assumed.runMs), from, to };
        const slice = await options.log.read(span, wantsOf(pipeline));
        const { summary } = await runSimulation(pipeline, slice.records, {
          runMs: assumed.runMs,
          from,
          until: slice.until,
        });
        return {
          ...countsOf(summary, slice.until - from),
          samples: summary.samples(samples).map(simulatedResource),
          ...basisOf({ from, to: slice.until, read: slice.read, truncatedBy: slice.truncatedBy, assumed }),
        };
      });
    },
  });
}
