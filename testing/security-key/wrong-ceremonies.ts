import type { Ceremony } from './soft-key';

/** What no ceremony on `https://sign.example.com` with the rpId `example.com` may be. */
export const WRONG_CEREMONIES: ReadonlyArray<readonly [string, Ceremony]> = [
  ['without user verification (T10)', { uv: false }],
  ['in a foreign frame (T9)', { crossOrigin: true }],
  ['for another rpId (T8)', { rpId: 'evil.example' }],
  ['for a subdomain as rpId (T8)', { rpId: 'sign.example.com' }],
  ['for the parent domain (T8)', { rpId: 'com' }],
  ['on the console’s origin (T6)', { origin: 'https://example.com' }],
  ['on http (T8)', { origin: 'http://sign.example.com' }],
  ['on another port (T8)', { origin: 'https://sign.example.com:8443' }],
  ['on the port spelled out (T8)', { origin: 'https://sign.example.com:443' }],
  ['on a longer name (T8)', { origin: 'https://sign.example.com.evil.example' }],
  ['on a name that ends alike (T8)', { origin: 'https://evil-sign.example.com' }],
  ['on a name in other case (T8)', { origin: 'https://Sign.example.com' }],
  ['on an opaque origin (T8)', { origin: 'null' }],
];
