import { expect } from 'vitest';
import type { Grant } from '#lib/db';
import { withClient } from '#scripts/postgres';
import type { House } from './house';

/*
 * Only for tests: what became of a grant.
 */

export const grantOf = ({ owner }: Pick<House, 'owner'>, id: string): Promise<Grant> =>
  owner.grant.findUniqueOrThrow({ where: { id } });

/** Resolves when the grant's row says so. */
export const untilGrant = (house: Pick<House, 'owner'>, id: string, what: object): Promise<void> =>
  expect.poll(() => grantOf(house, id), { timeout: 30_000 }).toMatchObject(what);

/** While web holds the rows of these grants locked, and of their requests; `letGo` ends it before the work does. */
export const holdRows = <T>(
  { database }: Pick<House, 'database'>,
  grantIds: readonly string[],
  work: (letGo: () => Promise<unknown>) => Promise<T>,
): Promise<T> =>
  withClient(database.webUrl, async (thief) => {
    await thief.query('BEGIN');
    const { rowCount } = await thief.query('SELECT FROM grants WHERE id = ANY($1) FOR UPDATE', [grantIds]);
    expect(rowCount).toBe(grantIds.length);
    const requests = 'SELECT request_id FROM grants WHERE id = ANY($1)';
    await thief.query(`SELECT FROM requests WHERE id IN (${requests}) FOR UPDATE`, [grantIds]);
    return work(() => thief.query('ROLLBACK'));
  });
