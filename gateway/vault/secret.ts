import { refuse, sha256Base64url } from '#lib/core';
import type { Hot, Statement } from '#lib/db';
import type { Alarms } from '#lib/process';
import { isForAnotherKey, openSealed, secretContext } from '#lib/records';
import type { UpstreamConfig } from '#lib/targets';
import type { AlarmCode } from './alarms';
import type { Vault } from './vault';

interface Opening {
  readonly hot: Hot;
  readonly vault: Vault;
  readonly alarms: Alarms<AlarmCode>;
}

/** Whose secret, where it is sent, and which ciphertext of it was signed for. */
interface Sealed {
  readonly id: string;
  readonly config: UpstreamConfig;
  readonly secretDigest: string;
}

const SECRET: Statement = {
  name: 'vault_secret',
  text: 'SELECT ciphertext FROM provider_secrets WHERE target_id = $1',
};

/** What an owner does about a ciphertext that they signed and that no longer opens, since the gateway has another key. */
const TYPE_AGAIN =
  'Its secret was sealed to a key that the gateway no longer has. An owner types it again: Targets, Replace secret or schema.';

/**
 * The secret whose ciphertext an owner signed. Throws `minting_stopped`, with an
 * alarm, where the database holds another, or where it was sealed for another
 * target, address or place: our word would go to a stranger's server (P6). The
 * signed ciphertext of an earlier key of the gateway's is nobody's doing: it is
 * refused without an alarm.
 */
export async function openSecret({ hot, vault, alarms }: Opening, sealed: Sealed): Promise<string> {
  const { id, config, secretDigest } = sealed;
  const [row] = await hot.rows<{ ciphertext: string }>(SECRET, [id]);
  if (row === undefined || sha256Base64url(row.ciphertext) !== secretDigest) return tampered(alarms, config.name);
  try {
    return await openSealed(vault.gatewayKey, secretContext(id, config), row.ciphertext);
  } catch (cause) {
    if (isForAnotherKey(cause)) return refuse('minting_stopped', `Nothing passes to ${config.name}. ${TYPE_AGAIN}`);
    return tampered(alarms, config.name, cause);
  }
}

function tampered(alarms: Opening['alarms'], name: string, cause?: unknown): never {
  alarms.raise(
    'tampering',
    `The stored secret of target ${name} is not the one that was signed for. It is not used: add the target again.`,
  );
  return refuse(
    'minting_stopped',
    'The secret of this target was changed. Nothing is minted there until an owner has looked.',
    { cause },
  );
}
