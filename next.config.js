// @ts-check

/** What every answer tells a browser, as `lib/http/wire/browser-headers.ts` says it at the other origins; proxy.ts adds what differs. */
const GUARDED = {
  'x-content-type-options': 'nosniff',
  // With no-referrer a form of ours would be sent with Origin: null.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), serial=(), usb=(), publickey-credentials-create=(), publickey-credentials-get=(self)',
};

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  agentRules: false,
  devIndicators: false,
  reactStrictMode: true,
  serverExternalPackages: [
    'pg',
    'pino',
    '@prisma/client',
    '@prisma/adapter-pg',
    '@simplewebauthn/server',
    'swagger-ui-dist',
  ],
  headers: async () => [
    { source: '/:path*', headers: Object.entries(GUARDED).map(([key, value]) => ({ key, value })) },
  ],
  // `npm run check` holds the types; a start on a fresh machine need not wait for them.
  typescript: { ignoreBuildErrors: true },
  // A title that is streamed comes after the page: who hears pages instead of seeing them is told late where they are.
  htmlLimitedBots: /.*/,
};

export default config;
