import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Only for tests: the folders that the starter makes before any process starts.
 */

export interface GatewayKeys {
  readonly gatewayKey: KeyObject;
  readonly gatewayPublicKey: KeyObject;
  readonly gatewayDir: string;
  readonly publicDir: string;
  /** A folder of its own for a copy of that name. */
  instanceDir(name: string): string;
}

export function makeGatewayKeys(dir: string, wardenKey: KeyObject): GatewayKeys {
  const [gatewayDir, publicDir] = [join(dir, 'gateway'), join(dir, 'public')];
  for (const folder of [gatewayDir, publicDir]) mkdirSync(folder, { recursive: true });
  const { privateKey: gatewayKey, publicKey: gatewayPublicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
  const pem = gatewayKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writeFileSync(join(gatewayDir, 'gateway.pem'), pem, { mode: 0o600 });
  writeFileSync(join(gatewayDir, 'nonce.secret'), randomBytes(32).toString('base64url'), { mode: 0o600 });
  writeFileSync(join(publicDir, 'gateway.pem'), pemOf(gatewayPublicKey));
  writeFileSync(join(publicDir, 'warden.pem'), pemOf(createPublicKey(wardenKey)));
  return { gatewayKey, gatewayPublicKey, gatewayDir, publicDir, instanceDir: (name) => join(dir, `instance-${name}`) };
}
