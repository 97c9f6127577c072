/*
 * What every answer of every origin tells a browser. The web's answers get the same
 * from next.config.js, which can import nothing of ours, and its pages the rest from proxy.ts.
 */

/** On every answer: nothing is guessed, told on, opened or read by another origin. */
export const GUARDED = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const FEATURES = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'serial', 'usb'];

/** `permissions-policy` of an origin whose pages may do this with security keys, and nothing else of that sort. */
export const permissionsPolicy = (keys: readonly ('create' | 'get')[]): string =>
  [
    ...FEATURES.map((feature) => `${feature}=()`),
    ...(['create', 'get'] as const).map(
      (what) => `publickey-credentials-${what}=${keys.includes(what) ? '(self)' : '()'}`,
    ),
  ].join(', ');

const TWO_YEARS = 63_072_000;

/** Under TLS: come back by TLS only. Of this host name alone, since others may be somebody else's. */
export const strictTransport = (origin: string): Readonly<Record<string, string>> =>
  origin.startsWith('https:') ? { 'strict-transport-security': `max-age=${TWO_YEARS}` } : {};
