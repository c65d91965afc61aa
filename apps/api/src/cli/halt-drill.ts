import { parseArgs } from 'node:util';

import { HALT_LEVELS, HALT_MODES, type HaltLevel, type HaltMode } from '@tripline/risk';
import type { Pipeline } from '@tripline/triggers';
import { createDatabase, type Database, databaseConfigSchema } from '@tripline/database';
import { createDecisionStore } from '@tripline/decision-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createHaltStore, createOrderRepository, loadHaltFigures } from '@tripline/trading-store';
import { createUserRepository } from '@tripline/user-store';
import { createExecutionQueue, createProducerConnection, redisConfigSchema } from '@tripline/queue';
import { ConfigError, parseConfig } from '@tripline/runtime';

import { DRILL_LEVELS, drillPipelineDefinition, type HaltDrillResult, runHaltDrill } from '../drills/halt-drill';

const USAGE = `Usage: npm run drill [-- --level ${HALT_LEVELS.join('|')}|all] [--mode ${HALT_MODES.join('|')}] [--seconds 4]

Measures the kill switch on the running system. Sends triggers to the drill's own pipeline through the real decision, queue and
workers, engages a halt halfway, and reads from the database what still passed afterwards. Default: the levels ${DRILL_LEVELS.join(', ')}
with mode cancel. Level global briefly stops all users and must be named explicitly. Needs DATABASE_URL and REDIS_URL.`;

const DRILL_EMAIL = 'halt-drill@tripline.local';
/** Nothing may pass later than this after a halt, ms. */
const GOAL_MS = 2_000;

interface DrillOptions {
  readonly levels: readonly HaltLevel[];
  readonly mode: HaltMode;
  readonly seconds: number;
}

/** The options, or null when they are invalid. */
function parseOptions(args: readonly string[]): DrillOptions | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        level: { type: 'string', default: 'all' },
        mode: { type: 'string', default: 'cancel' },
        seconds: { type: 'string', default: '4' },
        help: { type: 'boolean' },
      },
    });
    const mode = HALT_MODES.find((known) => known === values.mode);
    const levels = values.level === 'all' ? DRILL_LEVELS : HALT_LEVELS.filter((known) => known === values.level);
    const seconds = Number(values.seconds);
    if (values.help || mode === undefined || levels.length === 0 || !(seconds >= 1 && seconds <= 60)) return null;
    return { levels, mode, seconds };
  } catch {
    return null;
  }
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const database = createDatabase(parseConfig(databaseConfigSchema, process.env));
  const connection = createProducerConnection(parseConfig(redisConfigSchema, process.env));
  const queue = createExecutionQueue({ connection });
  await queue.start();
  try {
    const pipeline = await ensureDrillPipeline(database);
    const orders = createOrderRepository(database);
    const results: HaltDrillResult[] = [];
    for (const level of options.levels) {
      results.push(
        await runHaltDrill({
          level,
          mode: options.mode,
          durationMs: options.seconds * 1_000,
          pipeline,
          decisions: createDecisionStore(database),
          halts: createHaltStore(database),
          queue,
          hasOrdered: async (since) => {
            const viewer = { userId: pipeline.userId, role: 'trader' } as const;
            const { items } = await orders.list(viewer, { pipelineId: pipeline.id, limit: 1 });
            return (items[0]?.createdAt ?? 0) >= since;
          },
          loadFigures: async (halt) => loadHaltFigures(database, halt),
          now: () => Date.now(),
        }),
      );
      process.stdout.write(`${describe(results.at(-1))}\n`);
    }
    return report(results);
  } finally {
    await queue.stop();
    await database.stop();
  }
}

async function ensureDrillPipeline(database: Database): Promise<Pipeline> {
  const user = await createUserRepository(database).ensure({ email: DRILL_EMAIL, passwordHash: 'nobody logs in' });
  const pipelines = createPipelineRepository(database);
  const viewer = { userId: user.id, role: 'trader' } as const;
  const [known] = (await pipelines.list(viewer, { limit: 1 })).items;
  return (known ?? (await pipelines.create(viewer, drillPipelineDefinition()))).pipeline;
}

function describe(result: HaltDrillResult | undefined): string {
  if (result === undefined) return '';
  const ms = (value: number | null) => (value === null ? 'none' : `${value.toFixed(1)} ms`);
  return [
    `${result.level.padEnd(9)} ${result.mode.padEnd(11)} last decision ${ms(result.lastTriggeredMs)}`,
    `last start ${ms(result.lastStartedMs)}`,
    `last order ${ms(result.lastOrderMs)}`,
    `last cancelled ${ms(result.lastCancelledMs)}`,
    `${result.triggeredBefore} triggered and ${result.ordersBefore} ordered before, ${result.refusedAfter} denied after`,
  ].join(', ');
}

function report(results: readonly HaltDrillResult[]): number {
  const worstMs = Math.max(...results.map(({ haltLatencyMs }) => haltLatencyMs));
  const faults = results.flatMap(({ level, triggeredBefore, ordersBefore, refusedAfter, unfinished }) => [
    ...(triggeredBefore === 0 ? [`${level}: nothing triggered before the halt`] : []),
    ...(ordersBefore === 0 ? [`${level}: no order before the halt: is a worker running?`] : []),
    ...(refusedAfter === 0 ? [`${level}: the halt denied nothing`] : []),
    ...(unfinished > 0 ? [`${level}: ${unfinished} executions did not end`] : []),
  ]);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  const ok = faults.length === 0 && worstMs <= GOAL_MS;
  process.stdout.write(`${JSON.stringify({ drill: 'halt', worstMs, goalMs: GOAL_MS, ok, faults, levels: results })}\n`);
  return ok ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof ConfigError || error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
