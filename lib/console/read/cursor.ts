import { fromBase64url, refuse } from '#lib/core';
import type { Page } from '#lib/views';

/** Writes the sort key of a page's last row as an opaque cursor. */
export const writeCursor = (...parts: readonly string[]): string => Buffer.from(parts.join(' ')).toString('base64url');

/** Reads a cursor's parts; null where there is none. Throws `invalid_request` where `parse` does not know the parts. */
export function readCursor<T>(
  cursor: string | null | undefined,
  parse: (parts: readonly string[]) => T | null,
): T | null {
  if (cursor === null || cursor === undefined || cursor === '') return null;
  const bytes = fromBase64url(cursor);
  const place = bytes === null ? null : parse(Buffer.from(bytes).toString('utf8').split(' '));
  return place ?? refuse('invalid_request', 'That page link is not one of ours. Start from the first page.');
}

/** Makes a page of rows of which one more was read than it holds: that row tells whether there is a next page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  size: number,
  item: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  return { items: shown.map(item), next: rows.length > size && last !== undefined ? cursorOf(last) : null };
}

/** The sort key of a list that shows the newest first. */
export interface Place {
  readonly createdAt: Date;
  readonly id: string;
}

export const placeOf = ({ createdAt, id }: Place): string => writeCursor(createdAt.toISOString(), id);

/** The Prisma filter for the rows after a cursor, newest first. The index on (createdAt, id) serves it. */
export function after(cursor: string | null | undefined) {
  const place = readCursor(cursor, parsePlace);
  if (place === null) return {};
  const { createdAt, id } = place;
  return { createdAt: { lte: createdAt }, OR: [{ createdAt: { lt: createdAt } }, { id: { lt: id } }] };
}

function parsePlace([at, id]: readonly string[]): Place | null {
  if (at === undefined || id === undefined || Number.isNaN(Date.parse(at))) return null;
  return { createdAt: new Date(at), id };
}
