// @ts-check

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
  // `npm run check` holds the types; a start on a fresh machine need not wait for them.
  typescript: { ignoreBuildErrors: true },
  // A title that is streamed comes after the page: who hears pages instead of seeing them is told late where they are.
  htmlLimitedBots: /.*/,
};

export default config;
