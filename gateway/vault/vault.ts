import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64url } from '#lib/core';
import { readPrivate } from '#lib/process';
import { type Instance, openInstance } from './instance';

/** What the gateway keeps outside the database, in folders only it can read, and the warden's public key. */
export interface Vault {
  /** Opens providers' secrets, signs looks and reports. One for all copies. */
  readonly gatewayKey: KeyObject;
  readonly wardenPublicKey: KeyObject;
  /** Shared by copies: a nonce of one is a nonce of all. */
  readonly nonceSecret: Uint8Array;
  readonly instance: Instance;
  /** The highest head this copy has seen; 0 for none. */
  readonly highestSeen: number;
  /** A lower head than this is refused from now on, also after a restart. */
  keepHighest(seq: number): Promise<void>;
}

export interface VaultFolders {
  readonly gatewayDir: string;
  readonly instanceDir: string;
  readonly publicDir: string;
}

/** Opens what the starter made. Throws one sentence where it is not there: the gateway makes none of it but its own instance. */
export function openVault(
  { gatewayDir, instanceDir, publicDir }: VaultFolders,
  now: () => Date = () => new Date(),
): Vault {
  const gatewayKey = createPrivateKey(needed(join(gatewayDir, 'gateway.pem')));
  const wardenPublicKey = createPublicKey(needed(join(publicDir, 'warden.pem')));
  const nonceSecret = fromBase64url(needed(join(gatewayDir, 'nonce.secret')).trim());
  if (nonceSecret === null || nonceSecret.length !== 32) throw new Error('nonce.secret is not 32 bytes in base64url.');
  const instance = openInstance(instanceDir, gatewayKey, now);
  const headFile = join(instanceDir, 'head.json');
  return {
    gatewayKey,
    wardenPublicKey,
    nonceSecret,
    instance,
    highestSeen: seqIn(readPrivate(headFile)),
    async keepHighest(seq) {
      await writeFile(`${headFile}.new`, JSON.stringify({ seq }), { mode: 0o600, flush: true });
      await rename(`${headFile}.new`, headFile);
    },
  };
}

const needed = (path: string): string => {
  const text = readPrivate(path);
  if (text === null)
    throw new Error(`${path} is missing. npm start makes the keys of all processes before it starts them.`);
  return text;
};

function seqIn(text: string | null): number {
  if (text === null) return 0;
  const { seq } = JSON.parse(text) as { seq?: unknown };
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) throw new Error('head.json of this copy cannot be read.');
  return seq;
}
