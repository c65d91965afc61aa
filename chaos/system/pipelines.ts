import { GENERATED_SIGNAL_TYPES } from '@tripline/market';
import type { OverlapRule, Pipeline } from '@tripline/triggers';
import type { Database } from '@tripline/database';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createVenueRepository } from '@tripline/trading-store';
import { createUserRepository, type UserRecord } from '@tripline/user-store';
import { buildPipeline } from '@tripline/testing';

import { chance, LOAD_TICKERS } from '../load/load-plan';

const USERS = 20;
/** Tickers of the real signal generator, distinct from those of the load. */
export const GENERATOR_TICKERS = ['MOCK-A', 'MOCK-B', 'MOCK-C', 'MOCK-D'];
/** The venue behind the fake broker. */
export const EXTERNAL_VENUE = 'chaos';
/** Event time runs sixty times as fast as the clock, so a pipeline waits at least fifteen real seconds between two executions. */
const COOLDOWN_MS = 15 * 60_000;

/** Signals that every second pipeline accepts. */
const CHOOSY = GENERATED_SIGNAL_TYPES.map((signalType) => ({ signalType, minConfidence: 30 }));

/** One to five pipelines per ticker, five hundred in all, with mixed policies, thresholds and cooldowns. */
export function plannedPipelines(venues: 'both' | 'paper'): (Partial<Pipeline> & { readonly name: string })[] {
  const ofLoad = LOAD_TICKERS.flatMap((ticker, index) =>
    Array.from({ length: 1 + (index % 5) }, (_, place) => ({
      name: `${ticker} no. ${place + 1}`,
      tickers: [ticker],
      overlap: overlapOf(chance(7, index, place)),
      // Half of them trade at the external venue, half on paper.
      venue: venues === 'both' && chance(8, index, place) < 0.5 ? EXTERNAL_VENUE : 'paper',
      cooldownMs: COOLDOWN_MS,
      maxSignalAgeMs: 0,
      subscriptions: place % 2 === 0 ? [] : CHOOSY,
    })),
  );
  const ofGenerator = GENERATOR_TICKERS.map((ticker) => ({ name: `everything of ${ticker}`, tickers: [ticker] }));
  return [...ofLoad, ...ofGenerator];
}

function overlapOf(at: number): OverlapRule {
  if (at < 0.7) return { policy: 'skip', key: 'pipeline', limit: 1, ttlMs: 0 };
  if (at < 0.8) return { policy: 'parallel', key: 'pipeline', limit: 2, ttlMs: 0 };
  if (at < 0.9) return { policy: 'queue', key: 'ticker', limit: 2, ttlMs: 30_000 };
  if (at < 0.95) return { policy: 'queue_latest', key: 'pipeline', limit: 1, ttlMs: 30_000 };
  return { policy: 'replace', key: 'pipeline', limit: 1, ttlMs: 0 };
}

/** Creates users and pipelines directly in the database. */
export async function seedPipelines(database: Database, venues: 'both' | 'paper'): Promise<readonly Pipeline[]> {
  const users = createUserRepository(database);
  const repository = createPipelineRepository(database);
  const owners = await Promise.all(
    Array.from({ length: USERS }, (_, index) =>
      users.ensure({ email: `trader-${index}@chaos.test`, passwordHash: 'nobody logs in' }),
    ),
  );
  await openVenue(database, owners);
  const wanted = plannedPipelines(venues);
  const made: Pipeline[] = [];
  for (let from = 0; from < wanted.length; from += USERS) {
    const part = wanted.slice(from, from + USERS).map(async (overrides, index) => {
      const { id: _id, version: _version, userId: _userId, ...definition } = buildPipeline(overrides);
      const owner = owners[index % USERS];
      if (owner === undefined) throw new Error('the pipeline has no owner');
      return (await repository.create({ userId: owner.id, role: 'trader' }, definition)).pipeline;
    });
    made.push(...(await Promise.all(part)));
  }
  return made;
}

/** Grants every owner the external venue. */
async function openVenue(database: Database, owners: readonly UserRecord[]): Promise<void> {
  const [admin] = owners;
  if (admin === undefined) return;
  const venues = createVenueRepository(database);
  await venues.create(EXTERNAL_VENUE, admin.id);
  for (const { id } of owners) await venues.grant(EXTERNAL_VENUE, id, admin.id);
}
