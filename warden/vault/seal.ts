import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DomainError, fromBase64url } from '#lib/core';

/** AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag, as base64url. The owner's id is authenticated with it. */
export function seal(key: Uint8Array, ownerId: string, secret: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(ownerId));
  return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

export function openSealed(key: Uint8Array, ownerId: string, sealed: string): string {
  try {
    const bytes = fromBase64url(sealed);
    if (bytes === null || bytes.length < 28) throw new Error('too short');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(ownerId)).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new DomainError(
      'minting_stopped',
      'A sealed secret does not open. It was changed, or another warden sealed it.',
      { cause },
    );
  }
}
