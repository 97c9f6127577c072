/** Unpadded base64url (RFC 4648 §5). */
export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/**
 * Decodes base64url; null where the text is not the canonical spelling of its
 * bytes. Buffer accepts padding, spaces and stray low bits, and a second
 * spelling of a token or a signature passes deny lists (T25).
 */
export function fromBase64url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? new Uint8Array(bytes) : null;
}
