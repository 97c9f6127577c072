/** Unpadded base64url (RFC 4648 §5). */
export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/**
 * The bytes, or null where the text is not the one spelling of them. Buffer
 * forgives padding, spaces and stray low bits; a second spelling of a token or
 * a signature is how deny lists are dodged (T25), so it is refused.
 */
export function fromBase64url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? new Uint8Array(bytes) : null;
}
