import { z } from 'zod';
import type { SignedKey } from '#lib/authority';
import { parseStrictJson } from '#lib/core';
import type { Db, Tx } from '#lib/db';
import { KeyFacts } from '#lib/statement';
import type { Vault } from '#warden/vault';

/** Long enough for everybody who looks at the console to see it, and to stop it. */
export const RECOVERY_SECONDS = 48 * 3_600;

/** A new key that a recovery code asked for. It counts once the code is typed again after the delay. */
export const PendingRecovery = z.strictObject({ enrolled: KeyFacts, begunAt: z.iso.datetime() });
export type PendingRecovery = z.infer<typeof PendingRecovery>;

/** What waits on this code, or null. Its row is sealed: nobody makes one begin earlier, or puts another key into it. */
export async function pendingRecovery(db: Db | Tx, vault: Vault, { id }: SignedKey): Promise<PendingRecovery | null> {
  const row = await db.sealed.findUnique({ where: { ownerId: id } });
  return row === null ? null : PendingRecovery.parse(parseStrictJson(vault.open(id, row.sealed)));
}

export const recoveryAlarm = (name: string, readyAt: Date): string =>
  `The recovery code of ${name} was used for a new key. It can count from ${readyAt.toISOString()} on. Nobody you know did that? An owner stops it in the settings.`;
