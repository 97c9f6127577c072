import { refuse, sha256Base64url } from '#lib/core';
import type { SignedTarget } from '#lib/identity';
import type { Target } from '#warden/targets';
import type { Warden } from '../context';

/**
 * The target as an owner signed it, opened with the secret whose ciphertext they
 * signed. Throws `minting_stopped`, with an alarm, where the database holds
 * another secret than that: it would send our word to a stranger's server.
 */
export async function openTarget({ db, vault, alarms, targets }: Warden, signed: SignedTarget): Promise<Target> {
  if (signed.config.kind === 'token') return targets.open(signed.config, '');
  const row = await db.sealed.findUnique({ where: { ownerId: signed.id } });
  if (row === null || sha256Base64url(row.sealed) !== signed.secretDigest) {
    alarms.raise(
      'tampering',
      `The stored secret of target ${signed.config.name} is not the one that was signed for. It is not used: add the target again.`,
    );
    return refuse(
      'minting_stopped',
      'The secret of this target was changed. Nothing is minted there until an owner has looked.',
    );
  }
  return targets.open(signed.config, vault.open(signed.id, row.sealed));
}
