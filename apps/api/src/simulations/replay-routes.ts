import { TriplineError } from '@tripline/contracts';
import type { Viewer } from '@tripline/paging';
import type { PipelineRepository } from '@tripline/pipeline-store';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { pipelineParams } from '../pipelines/pipeline-schemas';
import { denial } from '../pipelines/denial';
import { type ReplayPorts, replayRange, replaySignal, type ReplaySubject } from './replay-pipeline';
import { assumeRun } from './run-simulation';
import type { SimulationPlaces } from './simulation-places';
import { MAX_SIMULATED_DAYS, replayBody, replaySchema } from './simulation-schemas';
import { basisOf, countsOf, diffResource, newest } from './simulation-wire';

export interface ReplayRoutesOptions extends ReplayPorts {
  readonly pipelines: Pick<PipelineRepository, 'find' | 'listVersions'>;
  readonly places: SimulationPlaces;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const DAY_MS = 86_400_000;

/** "What would this version have done with those signals, and why was it otherwise?" */
export function registerReplayRoutes(app: ApiApp, options: ReplayRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/pipelines/:id/replay',
    schema: {
      tags: ['simulation'],
      summary: 'Run recorded signals against a version of a pipeline, without effects, and compare with what happened',
      description:
        'Either a range of the log (`from`, `to`: by the time the log took the signals) or one kept signal. Nothing runs; the same ' +
        'request gives the same answer. One simulation per user at a time.',
      params: pipelineParams,
      body: replayBody,
      response: {
        200: replaySchema,
        ...errorResponses(
          'VALIDATION_FAILED',
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
        ),
      },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      const { body } = request;
      const chosen = await subjectOf(viewer, request.params.id, body.version, options.pipelines);
      const { pipeline } = chosen;
      return options.places.take(viewer.userId, async () => {
        const owner = { pipelineId: pipeline.id, userId: pipeline.userId };
        const subject = { ...chosen, assumed: await assumeRun(body.run_seconds, owner, options.simulations) };
        const answer =
          body.signal_id === undefined
            ? await replayRange(subject, rangeOf(body, options.now()), options)
            : await replaySignal(subject, await keptSignal(body.signal_id, pipeline.userId, options), options);
        const { decisions, summary, diff } = answer;
        return {
          version: pipeline.version,
          ...countsOf(summary, answer.to - answer.from),
          decisions: newest(decisions, body.limit),
          firings: newest(
            decisions.filter(({ outcome }) => outcome === 'TRIGGERED'),
            body.limit,
          ),
          diff: diffResource(diff, body.limit),
          ...basisOf({ ...answer, assumed: subject.assumed }),
        };
      });
    },
  });
}

async function subjectOf(
  viewer: Viewer,
  id: string,
  version: number | undefined,
  pipelines: ReplayRoutesOptions['pipelines'],
): Promise<Omit<ReplaySubject, 'assumed'>> {
  const record = found(await pipelines.find(viewer, id), 'pipeline');
  const wanted = version ?? record.pipeline.version;
  const versions = await pipelines.listVersions(viewer, id);
  const { pipeline, createdAt } = found(
    versions.find((entry) => entry.version === wanted),
    'version of this pipeline',
  );
  if (pipeline.triggerMode !== 'signal') {
    throw denial('version', 'only a pipeline that signals start can be replayed');
  }
  return { pipeline, pipelineMadeAt: record.createdAt, versionMadeAt: createdAt };
}

function rangeOf({ from = 0, to }: { from?: number | undefined; to?: number | undefined }, now: number) {
  const end = to ?? now;
  if (from >= end || end - from > MAX_SIMULATED_DAYS * DAY_MS) {
    throw denial('from', `the range must end later than it begins, by at most ${MAX_SIMULATED_DAYS} days`);
  }
  return { from, to: end };
}

async function keptSignal(id: string, userId: string, { simulations }: ReplayPorts) {
  const signal = await simulations.findSignal(id, userId);
  if (signal !== null) return signal;
  throw new TriplineError(
    'NOT_FOUND',
    'There is no such signal: those that matched no pipeline are only in the log, name a range.',
  );
}
