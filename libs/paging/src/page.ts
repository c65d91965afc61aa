/** A page of rows, newest first. `nextCursor` is opaque; null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  /** 1..100; default 50. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. A malformed cursor throws `InvalidCursorError`. */
  readonly cursor?: string | null | undefined;
}

/** Whose rows a reader may see. Every owner-scoped query takes one. A trader sees only their own rows. */
export interface Viewer {
  readonly userId: string;
  readonly role: 'admin' | 'trader';
}

/** The owner a query is limited to; null for an administrator, who sees everything. */
export function ownerOf(viewer: Viewer): string | null {
  return viewer.role === 'admin' ? null : viewer.userId;
}

/** The same as a Prisma filter. */
export function ownedBy(viewer: Viewer): { userId?: string } {
  return viewer.role === 'admin' ? {} : { userId: viewer.userId };
}
