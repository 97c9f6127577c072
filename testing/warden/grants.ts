import { expect } from 'vitest';
import type { Grant } from '#lib/db';
import type { House } from './house';

/*
 * Only for tests: what became of a grant.
 */

export const grantOf = ({ owner }: Pick<House, 'owner'>, id: string): Promise<Grant> =>
  owner.grant.findUniqueOrThrow({ where: { id } });

/** Resolves when the grant's row says so. */
export const untilGrant = (house: Pick<House, 'owner'>, id: string, what: object): Promise<void> =>
  expect.poll(() => grantOf(house, id), { timeout: 30_000 }).toMatchObject(what);
