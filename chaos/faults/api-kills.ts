import type { SupervisedProcess } from '../system/supervised-process';
import type { TradingSystem } from '../system/trading-system';
import { API_ADMIN, API_PORT_OF } from '../system/environment';
import { between, type Lane } from './lane';
import { secondsUntil, wait } from './recovery';

const REQUEST_EVERY_MS = 40;
const MOST_IDLE_MS = 1_500;
/** A time covered by the workers' mock market. */
const MARKET_TIME = '2024-01-02T00:00:00Z';

/**
 * F1 for the API: it is killed while a client starts executions through it. Each request is repeated with its idempotency
 * key until it is answered. Every answered request must appear in the decision log exactly once.
 */
export function apiKillLane(count: number): Lane {
  return async ({ system, log, random, report }) => {
    const api = system.all('api')[0];
    if (api === undefined) throw new Error('no API process is running');
    const client = startClient(system, api);
    for (let kill = 0; kill < count; kill += 1) {
      await secondsUntil(() => client.hasAnswers());
      await wait(between(random, 0, MOST_IDLE_MS));
      const from = performance.now();
      client.forgetAnswers();
      await api.kill();
      const recoverySeconds = await secondsUntil(() => client.hasAnswers(), from);
      const problem = recoverySeconds === null ? 'the API did not answer again' : null;
      log.add({ fault: 'F1', what: 'kill api', recoverySeconds, problem });
    }
    const acknowledged = await client.stop();
    const missing = await notInLedger(system, acknowledged);
    report(
      `the API acknowledged ${acknowledged.length} manual executions; ${missing} of them are not in the decision log`,
    );
    if (missing > 0) log.add({ fault: 'F1', what: 'kill api', problem: `${missing} acknowledged executions are lost` });
  };
}

interface Client {
  hasAnswers(): Promise<boolean>;
  forgetAnswers(): void;
  /** Ids of the triggers that the API has acknowledged. */
  stop(): Promise<readonly string[]>;
}

function startClient(system: TradingSystem, api: SupervisedProcess): Client {
  const base = `http://127.0.0.1:${API_PORT_OF(api.metricsPort ?? 0)}/api`;
  const acknowledged: string[] = [];
  let fresh = 0;
  let isRunning = true;
  let session: { token: string; pipelineId: string } | undefined;

  const call = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> => {
    const response = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const open = async (): Promise<{ token: string; pipelineId: string }> => {
    const { access_token: token } = (await call('/auth/login', API_ADMIN)) as { access_token: string };
    const definition = { name: `manual ${performance.now()}`, trigger_mode: 'manual', tickers: ['MOCK-M'] };
    const { id } = (await call('/pipelines', definition, { authorization: `Bearer ${token}` })) as { id: string };
    return { token, pipelineId: id };
  };
  const work = async (): Promise<void> => {
    for (let request = 0; isRunning;) {
      try {
        session ??= await open();
        const headers = { authorization: `Bearer ${session.token}`, 'idempotency-key': `chaos-${request}` };
        const decision = await call(`/pipelines/${session.pipelineId}/run`, { occurred_at: MARKET_TIME }, headers);
        acknowledged.push((decision as { signal_id: string }).signal_id);
        fresh += 1;
        request += 1;
      } catch {
        // The API is down or stopping: repeat the same request.
      }
      await wait(REQUEST_EVERY_MS);
    }
  };
  const working = work();
  return {
    hasAnswers: () => Promise.resolve(fresh > 0),
    forgetAnswers: () => {
      fresh = 0;
    },
    async stop() {
      isRunning = false;
      await working;
      return acknowledged;
    },
  };
}

async function notInLedger({ database }: TradingSystem, ids: readonly string[]): Promise<number> {
  const [row] = await database.query<{ missing: string }>(
    {
      text: `SELECT count(*)::text AS missing FROM unnest($1::uuid[]) AS a (id)
        WHERE (SELECT count(*) FROM signal_matches m WHERE m.signal_id = a.id) <> 1`,
    },
    [ids],
  );
  return Number(row?.missing);
}
