import { append } from '#lib/audit';
import { isLastOwnersKey } from '#lib/authority';
import { type Db, transact } from '#lib/db';
import type { Alarms } from '#warden/alarms';
import type { AuthorityCache } from '#warden/authority';
import type { Vault } from '#warden/vault';
import { endSessions } from './project';

interface Retiring {
  readonly db: Db;
  readonly vault: Vault;
  readonly authority: AuthorityCache;
  readonly alarms: Alarms;
}

const STAYS = 'It is the only key that an owner has, so it stays: enrol another one now, and disable this one.';
const GONE = 'It counts no more, and what it alone approved ends. Its person needs another key.';

/**
 * Retires a key without anybody's signature, since its own is worth nothing any
 * more (T12). It stands in a file of the warden's, so that no row brings the key
 * back. The last key of the last owner stays, with the alarm.
 */
export async function retireKey(warden: Retiring, keyId: string, why: string): Promise<void> {
  const { db, vault, alarms } = warden;
  const authority = await warden.authority.current(db);
  const key = authority.keys.get(keyId);
  if (!key?.active) return;
  const { humanId, label } = key;
  const name = authority.humans.get(humanId)?.name ?? 'somebody';
  const stays = isLastOwnersKey(authority, keyId);
  alarms.raise('key_retired', `The key “${label}” of ${name}: ${why} ${stays ? STAYS : GONE}`);
  if (stays) return;
  vault.retired.add(keyId);
  await transact(db, async (tx, now) => {
    await tx.key.update({ where: { id: keyId }, data: { state: 'disabled' } });
    await endSessions(tx, now, humanId);
    await append(tx, { kind: 'key.retired', actor: 'warden', at: now, humanId, data: { retiredKeyId: keyId, why } });
  });
}
