import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
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
  return { gatewayKey, wardenPublicKey, nonceSecret, instance: openInstance(instanceDir, gatewayKey, now) };
}

const needed = (path: string): string => {
  const text = readPrivate(path);
  if (text === null)
    throw new Error(`${path} is missing. npm start makes the keys of all processes before it starts them.`);
  return text;
};
