/** JSON for a json parameter. JSON text may contain U+0000, which jsonb cannot store, so it is replaced. */
export function jsonParameter(value: object): string {
  const text = JSON.stringify(value);
  return text.includes('\\u0000') ? text.replaceAll('\\u0000', '\\ufffd') : text;
}
