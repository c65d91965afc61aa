import { InvalidCursorError, type Queryable, type Row } from '@tripline/database';
import { ownerOf, type Page, type PageRequest, type Viewer } from './page';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

/** One condition. Each `?` is replaced by the next value. */
export interface Condition {
  readonly sql: string;
  readonly values?: readonly unknown[];
}

export interface PageQuery<R extends Row, T> {
  readonly request: PageRequest;
  /** The statement before WHERE. */
  readonly select: string;
  /**
   * Disjoint conditions whose rows make up the list, e.g. "shared" and "mine". Each is read in the order of its own index and
   * limited to a page before they are merged. The time and id columns must be selected. Default: all rows.
   */
  readonly parts?: readonly Condition[];
  readonly conditions: readonly Condition[];
  /** Newest first by this column … */
  readonly timeColumn: string;
  /** … and by this one where times are equal. */
  readonly idColumn: string;
  readonly idType: 'uuid' | 'text';
  readonly toItem: (row: R) => T;
}

/** A row's time and id as text. */
export interface CursorColumns {
  readonly cursor_time: string;
  readonly cursor_id: string;
}

/** Keyset paging: every page costs the same, and new rows do not shift the next pages. */
export async function loadPage<R extends Row, T>(queryable: Queryable, query: PageQuery<R, T>): Promise<Page<T>> {
  const limit = limitOf(query.request);
  // Text keeps the microseconds. A Date would truncate them, and the next page would repeat or skip rows.
  const select = query.select.replace(
    /\bFROM\b/,
    `, ${query.timeColumn}::text AS cursor_time, ${query.idColumn}::text AS cursor_id FROM`,
  );
  const values: unknown[] = [];
  const texts = (query.parts ?? [null]).map((part) => {
    const conditions = [...(part === null ? [] : [part]), ...query.conditions, ...afterCursor(query)];
    const built = buildWhere(conditions, values.length);
    values.push(...built.values);
    return `${select} ${built.where} ORDER BY ${query.timeColumn} DESC, ${query.idColumn} DESC LIMIT ${limit + 1}`;
  });
  const text = texts.length === 1 ? (texts[0] ?? '') : merged(texts, query, limit + 1);
  const rows = await queryable.query<R & CursorColumns>({ text }, values);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => query.toItem(row)),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last) : null,
  };
}

function merged(
  texts: readonly string[],
  { timeColumn, idColumn }: { readonly timeColumn: string; readonly idColumn: string },
  rows: number,
): string {
  const [time, id] = [timeColumn, idColumn].map((column) => column.replace(/^\w+\./, ''));
  return `${texts.map((text) => `(${text})`).join(' UNION ALL ')} ORDER BY ${time} DESC, ${id} DESC LIMIT ${rows}`;
}

/** Number of rows per page. */
export function limitOf(request: PageRequest): number {
  return Math.min(Math.max(Math.trunc(request.limit ?? DEFAULT_LIMIT), 1), MAX_LIMIT);
}

/** No condition when the value is undefined. */
export function equals(column: string, value: unknown): readonly Condition[] {
  return value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }];
}

/** No condition when the list is undefined. */
export function oneOf(column: string, values: readonly string[] | undefined): readonly Condition[] {
  return values === undefined ? [] : [{ sql: `${column} = ANY (?::text[])`, values: [values] }];
}

/** [from, to) in epoch ms; an open end where undefined. */
export function between(column: string, from: number | undefined, to: number | undefined): readonly Condition[] {
  return [
    ...(from === undefined ? [] : [{ sql: `${column} >= ?`, values: [new Date(from)] }]),
    ...(to === undefined ? [] : [{ sql: `${column} < ?`, values: [new Date(to)] }]),
  ];
}

/** No condition for an administrator. */
export function ownerCondition(column: string, viewer: Viewer): readonly Condition[] {
  return equals(column, ownerOf(viewer) ?? undefined);
}

/** @param placesTaken how many parameters precede those of the conditions */
export function buildWhere(
  conditions: readonly Condition[],
  placesTaken = 0,
): { where: string; values: readonly unknown[] } {
  const values = conditions.flatMap((condition) => condition.values ?? []);
  let place = placesTaken;
  const parts = conditions.map(({ sql }) => sql.replaceAll('?', () => `$${(place += 1)}`));
  return { where: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
}

function afterCursor<R extends Row, T>(query: PageQuery<R, T>): readonly Condition[] {
  const after = readCursor(query.request.cursor, query.idType);
  if (after === null) return [];
  return [
    {
      sql: `(${query.timeColumn}, ${query.idColumn}) < (?::timestamptz, ?::${query.idType})`,
      values: [after.time, after.id],
    },
  ];
}

/** Where a page begins; null for the first page. Throws `InvalidCursorError`. */
export function readCursor(
  cursor: string | null | undefined,
  idType: 'uuid' | 'text',
): { readonly time: string; readonly id: string } | null {
  return cursor === undefined || cursor === null || cursor === '' ? null : decodeCursor(cursor, idType);
}

/** Where the page after this row begins. */
export function encodeCursor(row: CursorColumns): string {
  return Buffer.from(JSON.stringify([row.cursor_time, row.cursor_id])).toString('base64url');
}

/** As PostgreSQL prints timestamptz in ISO style, in the session's time zone. */
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function decodeCursor(cursor: string, idType: 'uuid' | 'text'): { time: string; id: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new InvalidCursorError();
  }
  const [time, id] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  if (typeof time !== 'string' || typeof id !== 'string' || !TIME.test(time)) throw new InvalidCursorError();
  const isValidId = idType === 'uuid' ? UUID.test(id) : id.length <= 200 && !id.includes('\0');
  if (!isValidId || Number.isNaN(Date.parse(time))) throw new InvalidCursorError();
  return { time, id };
}
