/** Converts a camel-case name to its wire form: `stopPrice` becomes `stop_price`. */
const wireName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Converts every key of a JSON value to its wire form. Values are unchanged. */
export function withWireNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWireNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [wireName(name), withWireNames(inner)]));
}
