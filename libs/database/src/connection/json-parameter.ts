/** JSON for a json parameter. Postgres' jsonb cannot hold U+0000, which JSON text may: it is replaced. */
export function jsonParameter(value: object): string {
  const text = JSON.stringify(value);
  return text.includes('\\u0000') ? text.replaceAll('\\u0000', '\\ufffd') : text;
}
