import type { SignedTarget } from '#lib/authority';
import { refuse, sha256Base64url } from '#lib/core';
import type { Db } from '#lib/db';
import type { Alarms } from '#warden/alarms';
import type { Vault } from '#warden/vault';
import type { Target } from './driver';
import type { Targets } from './registry';

/** What opening a target takes. */
interface Opening {
  readonly db: Db;
  readonly vault: Vault;
  readonly alarms: Alarms;
  readonly targets: Targets;
}

/**
 * Opens the target as an owner signed it, with the secret whose ciphertext they
 * signed. Throws `minting_stopped`, with an alarm, where the database holds
 * another: the warden would send its word to a stranger's server.
 */
export async function openTarget(warden: Opening, signed: SignedTarget): Promise<Target> {
  const { config } = signed;
  return warden.targets.open(config, config.kind === 'postgres' ? await openSecret(warden, signed) : '');
}

async function openSecret({ db, vault, alarms }: Opening, { id, config, secretDigest }: SignedTarget): Promise<string> {
  const row = await db.sealed.findUnique({ where: { ownerId: id } });
  if (row !== null && sha256Base64url(row.sealed) === secretDigest) return vault.open(id, row.sealed);
  alarms.raise(
    'tampering',
    `The stored secret of target ${config.name} is not the one that was signed for. It is not used: add the target again.`,
  );
  return refuse(
    'minting_stopped',
    'The secret of this target was changed. Nothing is minted there until an owner has looked.',
  );
}
