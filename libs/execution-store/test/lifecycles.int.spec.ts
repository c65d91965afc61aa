import { type Fixture, openFixture } from '@tripline/store-fixture';
import { INTENT_LIFECYCLE, ORDER_LIFECYCLE } from '@tripline/trading';

jest.setTimeout(60_000);

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => fixture.close());

/** The quoted words of a constraint or an index predicate, as PostgreSQL prints it, sorted. */
async function wordsOf(text: string, name: string): Promise<string[]> {
  const rows = (await fixture.rows(text, [name])) as { definition: string }[];
  const predicate = rows[0]?.definition.replace(/^.* WHERE /s, '') ?? '';
  return [...predicate.matchAll(/'([a-z_]+)'/g)].map(([, word]) => word!).sort();
}

const CONSTRAINT = `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = $1`;
const INDEX = `SELECT pg_get_indexdef(to_regclass($1)) AS definition`;

describe('the transition tables and the database agree on', () => {
  it.each([
    ['the statuses of an order', CONSTRAINT, 'orders_status', ORDER_LIFECYCLE.states],
    ['the open orders', INDEX, 'orders_resting', ORDER_LIFECYCLE.open],
    ['the states of an intent', CONSTRAINT, 'order_intents_state', INTENT_LIFECYCLE.states],
    ['the intents a broker is asked for', INDEX, 'order_intents_submitted', INTENT_LIFECYCLE.allowing('abandon')],
  ])('%s', async (_what, text, name, states) => {
    expect(await wordsOf(text, name)).toEqual([...states].sort());
  });
});
