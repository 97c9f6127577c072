import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pin } from '#lib/authority';
import { fromBase64url } from '#lib/core';
import { openDated, openKeptMap, openMarks, readPrivate, writePrivate } from '#lib/process';
import { openChainCopy } from './chain-copy';
import { openLedger } from './ledger';
import { openLiveCredentials } from './live';
import { openSealed, seal } from './seal';
import { openSeenFreezes } from './seen-freezes';
import { KEPT_MS, openStopped } from './stopped';
import type { Restored, Vault } from './types';

/** Opens the vault, making its keys on first use. Throws one sentence where a key is lost or broken: another would open nothing that was sealed, and be believed by nobody. */
export function openVault(directory: string): Vault {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const at = (name: string): string => join(directory, name);
  const isFirst = readPrivate(at('pin.json')) === null;
  const sealKey = sealKeyOf(at('seal.key'), isFirst);
  const signingKey = createPrivateKey(once(at('signing.pem'), isFirst, newSigningKey));
  const chain = openChainCopy(at('chain.log'));
  const readRestored = (): Restored | null => JSON.parse(readPrivate(at('restored.json')) || 'null') as Restored | null;
  const vault: Omit<Vault, 'stopped'> = {
    seal: (ownerId, secret) => seal(sealKey, ownerId, secret),
    open: (ownerId, sealed) => openSealed(sealKey, ownerId, sealed),
    signingKey,
    publicKey: createPublicKey(signingKey),
    nonceSecret: new Uint8Array(hkdfSync('sha256', sealKey, '', 'countersign/dpop-nonce', 32)),
    readPin() {
      const text = readPrivate(at('pin.json'));
      if (text === null) return null;
      const pin = JSON.parse(text) as Pin;
      // The copy is written before the pin is moved.
      const last = chain.last();
      return last !== null && last.seq > pin.head.seq ? { ...pin, head: { seq: last.seq, hash: last.hash } } : pin;
    },
    writePin: (pin) => writePrivate(at('pin.json'), JSON.stringify(pin)),
    chain,
    ciphertexts: openKeptMap<string>(at('ciphertexts.log')),
    readRestored,
    isPuttingBack() {
      const restored = readRestored();
      return restored !== null && restored.done !== true;
    },
    writeRestored: (restored) => writePrivate(at('restored.json'), JSON.stringify(restored)),
    spent: openMarks(at('spent.log'), KEPT_MS),
    granted: openDated<string>(at('granted.log'), KEPT_MS),
    ledger: openLedger(at('ledger.log')),
    live: openLiveCredentials(at('live.log')),
    seenFreezes: openSeenFreezes(at('freezes.log')),
    agentsOff: openMarks(at('agents-off.log')),
  };
  return { ...vault, stopped: openStopped(at('stopped.log'), vault) };
}

const newSigningKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function sealKeyOf(path: string, isFirst: boolean): Uint8Array {
  const key = fromBase64url(once(path, isFirst, () => randomBytes(SEAL_KEY_BYTES).toString('base64url')).trim());
  if (key?.length !== SEAL_KEY_BYTES) throw new Error(`${path} is not a key. Bring back the file as it was.`);
  return key;
}

const SEAL_KEY_BYTES = 32;

function once(path: string, isFirst: boolean, make: () => string): string {
  const known = readPrivate(path);
  if (known !== null) return known;
  if (!isFirst)
    throw new Error(`${path} is not there, and this warden was set up with it. Bring back the whole folder.`);
  const made = make();
  writePrivate(path, made);
  return made;
}
