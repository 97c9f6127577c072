import { append } from '#lib/audit';
import { retirementRefusal } from '#lib/authority';
import { iso } from '#lib/core';
import { type Db, transact } from '#lib/db';
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
  readonly log: { warn(facts: object, words: string): void };
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
  const { db, alarms } = warden;
  const retired = await transact(db, async (tx, now) => {
    const authority = await warden.authority.current(tx);
    const key = authority.keys.get(keyId);
    if (!key?.active) return false;
    const { humanId, label } = key;
    const name = authority.humans.get(humanId)?.name ?? 'somebody';
    const stays = retirementRefusal(authority, keyId) !== null;
    alarms.raise('key_retired', `The key “${label}” of ${name}: ${why} ${stays ? STAYS : GONE}`);
    if (stays) return false;
    const about = { human: { id: humanId, name }, retired: { id: keyId, label }, why };
    const entry = { ...HEAD, issuedAt: iso(now), prev: authority.head.hash, ...about } as Retirement;
    const entered = await appendOwn(tx, now, warden, authority, { entry });
    await stopKey(tx, now, { keyId, humanId });
    const data = { ...entered, retiredKeyId: keyId, why };
    await append(tx, { kind: 'key.retired', actor: 'warden', at: now, humanId, data });
    return true;
  });
  if (retired) await followNow(warden);
}

const HEAD = { type: 'countersign/statement', version: 1, kind: 'key.retire' } as const;
