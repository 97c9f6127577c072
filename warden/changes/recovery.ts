import { z } from 'zod';
import type { SignedKey } from '#lib/authority';
import { canonicalText, parseStrictJson } from '#lib/core';
import { KeyFacts } from '#lib/statement';
import type { SignVault } from '#warden/vault';

/** Long enough for everybody who looks at the console to see it, and to stop it. */
export const RECOVERY_SECONDS = 48 * 3_600;

/** A new key that a recovery code asked for. It counts once the code is typed again after the delay. */
const PendingRecovery = z.strictObject({ code: z.string(), enrolled: KeyFacts, begunAt: z.iso.datetime() });
export type PendingRecovery = z.infer<typeof PendingRecovery>;

type Folder = Pick<SignVault, 'readRecovery' | 'writeRecovery'>;

/** What waits on this code, or null. It lies in the warden's folder: nobody who writes to the database begins one, or brings back one that was stopped. */
export function pendingRecovery(folder: Folder, { id }: Pick<SignedKey, 'id'>): PendingRecovery | null {
  const text = folder.readRecovery();
  const pending = text === null ? null : PendingRecovery.parse(parseStrictJson(text));
  return pending?.code === id ? pending : null;
}

export const writeRecovery = (folder: Folder, pending: PendingRecovery | null): void =>
  folder.writeRecovery(pending === null ? null : canonicalText(pending));

export const recoveryAlarm = (name: string, readyAt: Date): string =>
  `The recovery code of ${name} was used for a new key. It can count from ${readyAt.toISOString()} on. Nobody you know did that? An owner stops it under Settings → Keys for production.`;
