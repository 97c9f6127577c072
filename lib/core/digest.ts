import { createHash } from 'node:crypto';
import { base64url } from './base64url';

export function sha256(data: Uint8Array | string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(data).digest());
}

export const sha256Base64url = (data: Uint8Array | string): string => base64url(sha256(data));
