import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { canonicalParams, type JournalLine, readBrokerJournal } from './broker-journal';

/**
 * A fake broker over HTTP in its own process. It never deduplicates: every submission creates an order and a journal line,
 * even a second submission with the same id. Duplicate orders are therefore detected. It rejects only expired orders. It
 * answers slowly, and sometimes accepts an order without answering.
 */
const { FAKE_BROKER_PORT = '0', FAKE_BROKER_JOURNAL = '' } = process.env;
const SLOWEST_MS = 60;
/** Share of the submissions whose answer never arrives. */
const SILENT_SHARE = 0.02;
const MAX_BODY_BYTES = 64 * 1024;

const filled = new Map<string, JournalLine>();
for (const line of readBrokerJournal(FAKE_BROKER_JOURNAL)) filled.set(line.clientOrderId, line);

interface OrderBody {
  readonly client_order_id: string;
  readonly reference_price: string;
  readonly quantity: string;
  readonly valid_until: string;
  readonly metadata: { readonly execution_id: string };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) throw new Error('the request body is too large for an order');
  }
  return text;
}

function answer(response: ServerResponse, status: number, line: JournalLine | null): void {
  const body =
    line === null
      ? { error: 'unknown order' }
      : {
          client_order_id: line.clientOrderId,
          status: 'filled',
          price: line.price,
          fee: '1',
          filled_at: new Date(line.at).toISOString(),
        };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function submit(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const order = JSON.parse(await readBody(request)) as OrderBody & Readonly<Record<string, string | null>>;
  if (Date.now() > Date.parse(order.valid_until)) {
    response.writeHead(410).end();
    return;
  }
  const line: JournalLine = {
    clientOrderId: order.client_order_id,
    executionId: order.metadata.execution_id,
    params: canonicalParams(order),
    price: order.reference_price,
    quantity: order.quantity,
    at: Date.now(),
  };
  appendFileSync(FAKE_BROKER_JOURNAL, `${JSON.stringify(line)}\n`);
  filled.set(line.clientOrderId, line);
  if (Math.random() < SILENT_SHARE) response.destroy();
  else answer(response, 201, line);
}

const server = createServer((request, response) => {
  const [, id] = /^\/orders\/(.+)$/.exec(request.url ?? '') ?? [];
  setTimeout(() => {
    if (id !== undefined) {
      const line = filled.get(decodeURIComponent(id)) ?? null;
      answer(response, line === null ? 404 : 200, line);
    } else submit(request, response).catch(() => response.destroy());
  }, Math.random() * SLOWEST_MS);
});
server.listen(Number(FAKE_BROKER_PORT), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
