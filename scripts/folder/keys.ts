import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Owner } from '#scripts/machine';
import { putFile, putOnce, readPlain } from './files';
import type { Layout } from './layout';
import type { ProcessUsers } from './users';

/**
 * Makes every private key and secret that is missing, each for its process
 * alone, and puts the public keys where all can read them: before any process
 * starts, since each reads the others' at its own start and from nowhere else.
 */
export function makeKeys(layout: Layout, users: ProcessUsers | null): void {
  const { web, warden, gateway } = layout;
  const mine = (path: string, owner: Owner | null, make: () => string): void =>
    putOnce({ workshop: layout.dir, path, mode: 0o600, owner }, make);
  const [forWeb, forWarden, forGateway] = [users?.web ?? null, users?.warden ?? null, users?.gateway ?? null];
  mine(web.sessionSecret, forWeb, () => random(24));
  mine(warden.sealKey, forWarden, () => random(32));
  mine(warden.signingKey, forWarden, newKey);
  mine(gateway.nonceSecret, forGateway, () => random(32));
  mine(gateway.key, forGateway, newKey);
  publish(layout, 'warden.pem', keyIn(warden.signingKey, forWarden));
  publish(layout, 'gateway.pem', keyIn(gateway.key, forGateway));
}

function publish(layout: Layout, name: string, key: KeyObject): void {
  const text = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  putFile({ workshop: layout.dir, path: join(layout.public, name), text, mode: 0o644, owner: null });
}

/** Never says what it read: the file may have been put there to be shown. */
function keyIn(path: string, owner: Owner | null): KeyObject {
  const text = readPlain(path, owner);
  const key = attempt(() => createPrivateKey(text));
  if (key?.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  throw new Error(`${path} is no P-256 private key: put the right one back from your copy.`);
}

function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}

const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
