import { createPublicKey, type KeyObject } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { DomainError, sha256Base64url } from '#lib/core';

/*
 * Text for one other process: JWE (RFC 7516), ECDH-ES on P-256 with A256GCM. The
 * receiver's one key signs and opens; ECDSA and ECIES on one key are secure
 * together (Degabriele et al., "On the Joint Security of Encryption and Signature
 * in EMV", 2012).
 */

const TYPE = 'countersign-sealed';

/**
 * Seals text to whoever holds the key behind `to`. `context` says what it is and
 * what it belongs to: a ciphertext moved to another row does not open there.
 */
export function sealTo(to: KeyObject, context: string, text: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: TYPE, ctx: sha256Base64url(context) })
    .encrypt(to.type === 'private' ? createPublicKey(to) : to);
}

/** Throws `minting_stopped` where the text was sealed to another key, for another context, or was changed. */
export async function openSealed(key: KeyObject, context: string, sealed: string): Promise<string> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    if (protectedHeader.typ !== TYPE || protectedHeader['ctx'] !== sha256Base64url(context))
      throw new Error('sealed for something else');
    return new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
  } catch (cause) {
    throw new DomainError(
      'minting_stopped',
      'A sealed text does not open. It was changed, or moved, or is for another key.',
      {
        cause,
      },
    );
  }
}

/** Whether {@link openSealed} failed at the key itself, and not at what the text says it belongs to. */
export const isForAnotherKey = (error: unknown): boolean =>
  error instanceof DomainError && (error.cause as { code?: unknown } | undefined)?.code === 'ERR_JWE_DECRYPTION_FAILED';

/** What a provider's secret is bound to: nobody can have it sent to another address, or in another place (P6). */
export const secretContext = (
  targetId: string,
  { url, secretIn }: { readonly url: string; readonly secretIn: { readonly place: string; readonly name?: string } },
): string => `target secret\n${targetId}\n${url}\n${secretIn.place}\n${secretIn.name ?? ''}`;

/** What the result of an order is bound to. */
export const resultContext = (orderId: string): string => `order result\n${orderId}`;
