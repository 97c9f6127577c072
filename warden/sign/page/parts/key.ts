import type { Answer } from './talk';

const TEXTS: Readonly<Record<string, string>> = {
  NotAllowedError:
    'The key did not answer: it was cancelled, took too long, or is another key. Nothing was done. Try again.',
  InvalidStateError: 'This key is registered already. Use another one.',
  SecurityError: 'This page is not where this key may be used. Open it at the address Countersign was set up with.',
  AbortError: 'It was cancelled. Nothing was done.',
};

/** What went wrong, for the person; the browser says no more than this on purpose. */
export const failure = (error: unknown): { ok: false; code: string; text: string } => ({
  ok: false,
  code: 'key',
  text:
    TEXTS[error instanceof Error ? error.name : ''] ?? 'The key could not be used in this browser. Nothing was done.',
});

/** Asks the key to sign; it also asks who is there (user verification). */
export async function askKey(
  challenge: Uint8Array<ArrayBuffer>,
  rpId: string,
  credentialId: string,
): Promise<Answer<unknown>> {
  try {
    const publicKey = {
      challenge,
      rpId,
      userVerification: 'required' as const,
      timeout: 120_000,
      allowCredentials: [{ type: 'public-key' as const, id: fromBase64url(credentialId) }],
    };
    const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
    return { ok: true, value: credential.toJSON() };
  } catch (error) {
    return failure(error);
  }
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
