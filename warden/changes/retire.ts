import { append } from '#lib/audit';
import { retirementRefusal } from '#lib/authority';
import { DomainError, iso } from '#lib/core';
import { type Db, type Tx, transact } from '#lib/db';
import type { RelyingParty, Retirement } from '#lib/statement';
import type { Alarms } from '#warden/alarms';
import type { AuthorityCache } from '#warden/authority';
import type { Vault } from '#warden/vault';
import { appendOwn } from './entry';
import { followNow } from './follow';
import { stopKey } from './project';

interface Retiring {
  readonly db: Db;
  readonly vault: Vault;
  readonly authority: AuthorityCache;
  readonly alarms: Alarms;
  readonly signing: RelyingParty;
  readonly log: { warn(facts: object, words: string): void; error(facts: object, words: string): void };
}

const STAYS = 'It is the only key that an owner has, so it stays: enrol another one now, and disable this one.';
const GONE = 'It counts no more, and what it alone approved ends. Its person needs another key.';

/**
 * Retires a key without anybody's signature, since its own is worth nothing any
 * more (T12): by an entry that the warden signs, so that nothing the key signs
 * later counts, whoever writes it into the chain. The last key of the last owner
 * stays, with the alarm. Throws where the entry cannot be written now.
 */
export async function retireKey(warden: Retiring, keyId: string, why: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const said = await transact(warden.db, (tx, now) => retire(tx, now, warden, { keyId, why }));
      if (said !== null) warden.alarms.raise('key_retired', said);
      return await followNow(warden);
    } catch (error) {
      // Somebody else’s entry came between: the next attempt follows that one.
      if (attempt === ATTEMPTS || !(error instanceof DomainError) || error.code !== 'draft_stale') throw error;
    }
  }
}

const ATTEMPTS = 5;

/** What there is to say of it to everybody; null where the key counts no more already. */
async function retire(
  tx: Tx,
  now: Date,
  warden: Retiring,
  { keyId, why }: { readonly keyId: string; readonly why: string },
): Promise<string | null> {
  const authority = await warden.authority.current(tx);
  const key = authority.keys.get(keyId);
  if (!key?.active) return null;
  const { humanId, label } = key;
  const name = authority.humans.get(humanId)?.name ?? 'somebody';
  const said = `The key “${label}” of ${name}: ${why}`;
  if (retirementRefusal(authority, keyId) !== null) return `${said} ${STAYS}`;
  const about = { human: { id: humanId, name }, retired: { id: keyId, label }, why };
  const entry = { ...HEAD, issuedAt: iso(now), prev: authority.head.hash, ...about } as Retirement;
  const entered = await appendOwn(tx, now, warden, authority, { entry });
  await stopKey(tx, now, { keyId, humanId });
  const data = { ...entered, retiredKeyId: keyId, why };
  await append(tx, { kind: 'key.retired', actor: 'warden', at: now, humanId, data });
  return `${said} ${GONE}`;
}

const HEAD = { type: 'countersign/statement', version: 1, kind: 'key.retire' } as const;
