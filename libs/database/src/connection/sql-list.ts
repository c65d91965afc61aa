const WORD = /^[a-z][a-z_]*$/;

/**
 * Constant words as SQL literals, e.g. `'accepted', 'partially_filled'`: for `IN (…)` in a statement's text, where a
 * parameter would hide the values from the planner and from partial indexes.
 * @throws RangeError on an empty list or on anything that is not a lower-case word.
 */
export function sqlList(words: readonly string[]): string {
  if (words.length === 0) throw new RangeError('an SQL list needs at least one word');
  for (const word of words) if (!WORD.test(word)) throw new RangeError(`not a constant word: ${word}`);
  return words.map((word) => `'${word}'`).join(', ');
}
