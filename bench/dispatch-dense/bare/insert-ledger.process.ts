/**
 * The ceiling for deciding. The bare driver inserts the dispatcher's decision rows again into a table with the same indexes, using
 * `INSERT … SELECT unnest` with one commit per statement. Arguments: database URL, rows per statement. Prints one JSON object.
 */
import { Client } from 'pg';

const [url = '', perStatement = '1000'] = process.argv.slice(2);

interface Column {
  readonly name: string;
  readonly type: string;
}

async function readColumns(client: Client): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `SELECT quote_ident(attname) AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = 'signal_matches'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
  );
  return rows;
}

async function main(): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const columns = await readColumns(client);
  const texts = columns.map(({ name }) => `${name}::text`).join(', ');
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT ${texts} FROM signal_matches ORDER BY decided_at, signal_id, pipeline_id`,
    rowMode: 'array',
  });
  await client.query('CREATE TABLE bare_matches (LIKE signal_matches INCLUDING ALL)');
  await client.query('CHECKPOINT');
  const size = Number(perStatement);
  const statements: (string | null)[][][] = [];
  for (let from = 0; from < rows.length; from += size) {
    const some = rows.slice(from, from + size);
    statements.push(columns.map((_, column) => some.map((row) => row[column] ?? null)));
  }
  const names = columns.map(({ name }) => name).join(', ');
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
  const text = `INSERT INTO bare_matches (${names}) SELECT * FROM unnest(${arrays})`;
  const startedAt = performance.now();
  for (const values of statements) await client.query({ name: 'bare-insert', text, values });
  const seconds = (performance.now() - startedAt) / 1_000;
  await client.query('DROP TABLE bare_matches');
  await client.end();
  console.log(JSON.stringify({ records: rows.length, seconds }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
