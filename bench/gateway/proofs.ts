import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
export const publicJwk = pair.publicKey.export({ format: 'jwk' });

export interface Proven {
  readonly method: string;
  readonly url: string;
  readonly token: string;
  readonly nonce: string;
}

/** A fresh proof with the holder's key, as RFC 9449 wants it for one call. */
export function proof({ method, url, token, nonce }: Proven): string {
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk };
  const payload = {
    htm: method,
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    ath: createHash('sha256').update(token).digest('base64url'),
    nonce,
  };
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** What a door wants in the next proof: it says so to a call without one (RFC 9449 §8). */
export async function nonceAt(url: string, call: RequestInit): Promise<string> {
  const answer = await fetch(url, call);
  await answer.arrayBuffer();
  return answer.headers.get('dpop-nonce') ?? '';
}
