import { z } from 'zod';
import { fromBase64url, iso, refuse } from '#lib/core';
import type { Answer } from '../agent-route';

/** The query of every list. */
export const PageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, 'Write a whole number from 1 to 100.')
    .transform(Number)
    .refine((limit) => limit <= 100, 'At most 100.')
    .default(25)
    .meta({ description: 'At most this many, 1 to 100.' }),
  cursor: z.string().max(200).optional().meta({ description: '`next` of the page before.' }),
});
export type PageQuery = z.output<typeof PageQuery>;

/** A row's place in a list, newest first. */
export interface Place {
  readonly createdAt: Date;
  readonly id: string;
}

const writeCursor = ({ createdAt, id }: Place): string => Buffer.from(`${iso(createdAt)} ${id}`).toString('base64url');

/** The place a cursor of ours names; null for the first page. Throws `invalid_request` on any other text. */
export function placeAt(cursor: string | undefined): Place | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(fromBase64url(cursor) ?? []).toString('utf8');
  const [, at, id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([a-z]{3}_[0-9a-z]{20})$/.exec(text) ?? [];
  if (at === undefined || id === undefined || Number.isNaN(Date.parse(at))) {
    return refuse('invalid_request', 'That cursor is not one of ours.', {
      errors: [{ pointer: '/cursor', detail: 'Use `next` of the page before.' }],
    });
  }
  return { createdAt: new Date(at), id };
}

/** One page out of rows read one more than it holds: the extra one only says that there is a next page. */
export function pageAnswer<Row extends Place>(
  rows: readonly Row[],
  { limit, url, toItem }: { readonly limit: number; readonly url: string; readonly toItem: (row: Row) => unknown },
): Answer {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? writeCursor(last) : null;
  const headers = next === null ? {} : { link: `<${url}?limit=${limit}&cursor=${next}>; rel="next"` };
  return { body: { items: shown.map(toItem), next }, headers };
}
