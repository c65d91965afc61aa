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

/** What would this version have decided about those signals, and why does that differ from the actual decisions? */
export function registerReplayRoutes(app: ApiApp, options: ReplayRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/pipelines/:id/replay',
    schema: {
      tags: ['simulation'],
      summary: 'Replay recorded signals against a pipeline version and compare with the actual decisions',
      description:
        'Replays either a range of the log (`from` and `to` refer to append times) or one stored signal. Starts no execution. Each user ' +
        'can run one simulation at a time.',
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
    throw denial('version', 'only a pipeline with trigger_mode signal can be replayed');
  }
  return { pipeline, pipelineMadeAt: record.createdAt, versionMadeAt: createdAt };
}

function rangeOf({ from = 0, to }: { from?: number | undefined; to?: number | undefined }, now: number) {
  const end = to ?? now;
  if (from >= end || end - from > MAX_SIMULATED_DAYS * DAY_MS) {
    throw denial('from', `the range must end after it begins and cover at most ${MAX_SIMULATED_DAYS} days`);
  }
  return { from, to: end };
}

async function keptSignal(id: string, userId: string, { simulations }: ReplayPorts) {
  const signal = await simulations.findSignal(id, userId);
  if (signal !== null) return signal;
  throw new TriplineError(
    'NOT_FOUND',
    'Signal not found. Signals that matched no pipeline are not stored: replay a range of the log instead.',
  );
}
