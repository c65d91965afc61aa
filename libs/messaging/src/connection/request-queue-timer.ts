/** The members of kafkajs' internal request queue this file relies on. */
interface RequestQueuePrototype {
  scheduleCheckPendingRequests(this: { readonly pending: readonly unknown[] }): void;
}

const PATCHED = Symbol.for('tripline.kafkajs.requestQueueTimer');

/**
 * Stops a busy loop of kafkajs 2.2.4. With nothing pending, its request queue sets a timer of about minus the epoch. Node fires
 * it after 1 ms (and since Node 22 warns with TimeoutNegativeWarning), and every firing sets the next one, so each connection
 * wakes the process all the time. A check is only needed while something is pending: `push` and every response call this
 * method again. https://github.com/tulios/kafkajs/issues/1751
 *
 * The prototype is changed at run time instead of in node_modules, so that `npm ci` cannot undo it.
 * @returns false when the installed kafkajs no longer has that method
 */
export function patchRequestQueueTimer(prototype: Partial<RequestQueuePrototype> & { [PATCHED]?: true }): boolean {
  if (prototype[PATCHED] === true) return true;
  const original = prototype.scheduleCheckPendingRequests;
  if (typeof original !== 'function') return false;
  prototype.scheduleCheckPendingRequests = function scheduleOnlyWhenPending() {
    if (this.pending.length > 0) original.call(this);
  };
  prototype[PATCHED] = true;
  return true;
}
