import { jsonParameter } from './json-parameter';

/**
 * Array parameters as text, serialised here because pg would inspect and quote every element. Elements of `plainArray`
 * need no quotes: numbers, UUIDs, booleans and words from closed lists.
 */
export function plainArray(values: readonly (string | number | bigint | null)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ',';
    text += values[index] ?? 'NULL';
  }
  return `${text}}`;
}

/** Any text. PostgreSQL's text cannot hold U+0000, so it is replaced. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

/** JSON documents, for a jsonb[]. U+0000, which JSON text may hold and jsonb may not, is replaced. */
export function jsonArray(values: readonly object[]): string {
  // A document has no control characters, so the escapes of a JSON string are those of an array element.
  return `{${values.map((value) => JSON.stringify(jsonParameter(value))).join(',')}}`;
}

const SPECIAL = /["\\\0]/;

function quoted(value: string): string {
  if (!SPECIAL.test(value)) return `"${value}"`;
  return `"${value.replaceAll('\0', '\ufffd').replace(/["\\]/g, '\\$&')}"`;
}
