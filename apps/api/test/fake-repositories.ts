import { randomUUID } from 'node:crypto';

import { DuplicateError, ReferencedError, VersionConflictError } from '@tripline/database';
import type { DecisionLogEntry, SignalRecord } from '@tripline/decision-store';
import type { ExecutionDetail } from '@tripline/execution-store';
import type { Viewer } from '@tripline/paging';
import type { PipelineRecord, PipelineRepository, ScannerRecord, ScannerRepository } from '@tripline/pipeline-store';
import type { OrderRecord } from '@tripline/trading-store';
import type { UserCredentials, UserRepository } from '@tripline/user-store';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Users in memory. */
export function createFakeUsers(): UserRepository & { rows: Map<string, UserCredentials> } {
  const rows = new Map<string, UserCredentials>();
  const byEmail = (email: string) => [...rows.values()].find((user) => user.email === email) ?? null;
  const change = (id: string, values: Partial<UserCredentials>) => {
    const row = rows.get(id);
    if (!row) return null;
    const changed = { ...row, ...values };
    rows.set(id, changed);
    return changed;
  };
  const users: UserRepository & { rows: Map<string, UserCredentials> } = {
    rows,
    async create({ email, passwordHash, role = 'trader' }) {
      if (byEmail(email)) throw new DuplicateError('users_email_key');
      const row = { id: randomUUID(), email, passwordHash, role, isActive: true, permissions: [], createdAt: AT };
      rows.set(row.id, row);
      return row;
    },
    ensure: async (user) => byEmail(user.email) ?? users.create(user),
    findById: async (id) => rows.get(id) ?? null,
    findCredentials: async (email) => byEmail(email),
    update: async (id, changes) =>
      change(id, Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))),
    setPermissions: async (id, permissions) => change(id, { permissions }),
    list: async () => [...rows.values()],
  };
  return users;
}

/** Scanners in memory. Removing one of `inUse` fails. */
export function createFakeScanners(): ScannerRepository & { inUse: Set<string> } {
  const rows = new Map<string, ScannerRecord>();
  const inUse = new Set<string>();
  const own = (viewer: Viewer, id: string) => {
    const row = rows.get(id);
    return row?.userId === viewer.userId ? row : null;
  };
  return {
    inUse,
    async create(viewer, input) {
      if ([...rows.values()].some((row) => row.userId === viewer.userId && row.name === input.name)) {
        throw new DuplicateError('scanners_user_name_key');
      }
      const row = { id: randomUUID(), userId: viewer.userId, version: 1, createdAt: AT, updatedAt: AT, ...input };
      rows.set(row.id, row);
      return row;
    },
    async update(viewer, id, input, expectedVersion) {
      const row = own(viewer, id);
      if (!row) return null;
      if (expectedVersion !== undefined && expectedVersion !== row.version) throw new VersionConflictError(row.version);
      const changed = { ...row, ...input, version: row.version + 1 };
      rows.set(id, changed);
      return changed;
    },
    async remove(viewer, id) {
      if (inUse.has(id)) throw new ReferencedError('in use');
      return own(viewer, id) !== null && rows.delete(id);
    },
    find: async (viewer, id) => own(viewer, id),
    list: async (viewer) => [...rows.values()].filter((row) => row.userId === viewer.userId),
  };
}

/** Pipelines in memory, with their versions. */
export function createFakePipelines(): PipelineRepository {
  const rows = new Map<string, PipelineRecord[]>();
  const own = (viewer: Viewer, id: string) => {
    const row = rows.get(id)?.at(-1);
    return row?.pipeline.userId === viewer.userId ? row : null;
  };
  const repository: Omit<PipelineRepository, 'loadActive' | 'listActiveVersions' | 'findInactive' | 'loadByIds'> = {
    async create(viewer, definition) {
      const pipeline = { ...definition, id: randomUUID(), version: 1, userId: viewer.userId };
      const row = { pipeline, createdAt: AT, updatedAt: AT, nextRunAt: null, lastTriggeredAt: null };
      rows.set(pipeline.id, [row]);
      return row;
    },
    async update(viewer, id, definition, expectedVersion) {
      const row = own(viewer, id);
      if (!row) return null;
      const { version } = row.pipeline;
      if (expectedVersion !== undefined && expectedVersion !== version) throw new VersionConflictError(version);
      const changed = { ...row, pipeline: { ...row.pipeline, ...definition, version: version + 1 } };
      rows.get(id)?.push(changed);
      return changed;
    },
    async setActive(viewer, id, isActive, expectedVersion) {
      const row = own(viewer, id);
      if (!row || row.pipeline.isActive === isActive) return row;
      return repository.update(viewer, id, { ...row.pipeline, isActive }, expectedVersion);
    },
    remove: async (viewer, id) => own(viewer, id) !== null && rows.delete(id),
    find: async (viewer, id) => own(viewer, id),
    async list(viewer) {
      const items = [...rows.values()].flatMap((versions) => versions.slice(-1));
      return { items: items.filter((row) => row.pipeline.userId === viewer.userId), nextCursor: null };
    },
    async listVersions(viewer, id) {
      if (!own(viewer, id)) return [];
      return (rows.get(id) ?? []).map(({ pipeline }) => ({
        version: pipeline.version,
        pipeline,
        createdBy: viewer.userId,
        createdAt: AT,
      }));
    },
  };
  const unused = () => Promise.reject(new Error('the API never calls this'));
  return { ...repository, loadActive: unused, listActiveVersions: unused, findInactive: unused, loadByIds: unused };
}

export function decisionLogEntry(
  values: Partial<DecisionLogEntry> & { pipelineId: string; userId: string },
): DecisionLogEntry {
  return {
    pipelineVersion: 1,
    signalId: randomUUID(),
    signalType: 'golden_cross',
    triggerMode: 'signal',
    ticker: '^SPX',
    direction: 'BULLISH',
    confidence: 80,
    outcome: 'SKIPPED_COOLDOWN',
    reason: 'cooldown_running',
    detail: { cooldown_ms: 1000 },
    executionId: null,
    occurredAt: AT,
    decidedAt: AT,
    ...values,
  };
}

export function executionDetail(userId: string, pipelineId: string): ExecutionDetail {
  const executionId = randomUUID();
  return {
    executionId,
    userId,
    pipelineId,
    pipelineVersion: 1,
    pipelineName: 'p',
    triggerMode: 'signal',
    signalId: randomUUID(),
    signalType: 'golden_cross',
    ticker: '^SPX',
    direction: 'BULLISH',
    status: 'completed',
    attempt: 1,
    occurredAt: AT,
    createdAt: AT,
    startedAt: AT,
    finishedAt: AT,
    cost: '0.01',
    stopReason: null,
    result: { orderId: 'x' },
    error: null,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    steps: [
      {
        stepNo: 1,
        agent: 'market_data',
        status: 'continue',
        reason: null,
        message: null,
        output: { bars: 250 },
        durationMs: 1.5,
        cost: '0',
      },
    ],
    intents: [],
    orders: [orderRecord(userId, pipelineId, executionId)],
    fills: [
      {
        id: `${executionId}-5-1-f1`,
        clientOrderId: `${executionId}-5-1`,
        sequence: 1,
        ticker: '^SPX',
        side: 'BUY',
        quantity: '2.5',
        price: '1469.25',
        fee: '1.00',
        slippageCost: '0.44',
        filledAt: AT,
        realisedPnl: '0',
      },
    ],
  };
}

export function orderRecord(userId: string, pipelineId: string, executionId: string = randomUUID()): OrderRecord {
  return {
    clientOrderId: `${executionId}-5-1`,
    executionId,
    pipelineId,
    userId,
    ticker: '^SPX',
    side: 'BUY',
    type: 'MARKET',
    quantity: '2.5',
    referencePrice: '1469.25',
    stopPrice: '1400.5',
    targetPrice: null,
    occurredAt: AT,
    status: 'filled',
    filledQuantity: '2.5',
    averageFillPrice: '1469.25',
    fees: '1.00',
    venue: 'paper',
    reason: null,
    createdAt: AT,
    updatedAt: AT,
  };
}

export function signalRecord(): SignalRecord {
  return {
    signal: {
      signalId: randomUUID(),
      signalType: 'golden_cross',
      source: 'history-replay',
      occurredAt: AT,
      tickers: [{ ticker: '^SPX', signal: 'BULLISH', confidence: 80 }],
      metadata: { close: 1469.25 },
      schemaVersion: 1,
    },
    recordedAt: AT,
    topic: 'trading-signals',
    partition: 0,
    offset: 12n,
    traceparent: null,
  };
}
