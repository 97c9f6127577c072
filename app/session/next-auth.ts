import type { NextRequest } from 'next/server';
import NextAuth, { type AuthOptions } from 'next-auth';
import Credentials from 'next-auth/providers/credentials';
import { z } from 'zod';
import { type Web, web } from '#lib/console';
import { DomainError, parseStrictJson } from '#lib/core';
import { log } from '#lib/http/wire';
import { signInWithKey, signInWithOidc } from '#lib/identity';
import { cookieName, isSecure, sessionCookie } from './cookie';

/*
 * next-auth, which nothing outside this folder imports. It carries the ceremony;
 * whether somebody is signed in is decided by the sessions row, on every request.
 *
 * With a key:  POST /api/auth/challenge, navigator.credentials.get, GET
 *   /api/auth/csrf, then POST /api/auth/callback/key { csrfToken, assertion
 *   (JSON text), callbackUrl, json: "true" }: 200, or 401.
 * With OIDC:   GET /api/auth/csrf, POST /api/auth/signin/oidc { csrfToken,
 *   callbackUrl, json: "true" }: { url } to go to.
 */

const TWELVE_HOURS = 12 * 3_600;

/** next-auth's own route handler, with settings made for this request. */
export function authenticate(
  request: NextRequest,
  context: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  const userAgent = request.headers.get('user-agent') ?? '';
  return NextAuth(request, context, optionsFor(web(), userAgent)) as Promise<Response>;
}

function optionsFor(site: Web, userAgent: string): AuthOptions {
  const transient = (name: string) => ({
    name: cookieName(site, name),
    options: { ...sessionCookie(site).options, maxAge: 900 },
  });
  return {
    secret: site.env.sessionSecret,
    useSecureCookies: isSecure(site),
    session: { strategy: 'jwt', maxAge: TWELVE_HOURS },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    cookies: {
      sessionToken: sessionCookie(site),
      csrfToken: { ...sessionCookie(site), name: cookieName(site, 'csrf') },
      callbackUrl: { ...sessionCookie(site), name: cookieName(site, 'return') },
      pkceCodeVerifier: transient('pkce'),
      state: transient('state'),
      nonce: transient('nonce'),
    },
    providers: [keyProvider(site, userAgent), ...oidcProviders(site)],
    callbacks: {
      signIn: ({ user, account, profile }) =>
        account?.provider === 'oidc' ? admitByOidc(site, user, profile, userAgent) : true,
      // Called with a user at sign-in only. The cookie holds the session's id and nothing about the person.
      jwt: ({ token, user }) => (user === undefined ? token : { sid: user.id }),
    },
    logger: { error: report, warn: () => undefined, debug: () => undefined },
  };
}

/** next-auth's own reports can hold tokens (T35): only the code and the error are logged. */
function report(code: string, found: unknown): void {
  const cause = found instanceof Error ? found : (found as { error?: unknown } | undefined)?.error;
  log.warn({ code, cause: cause instanceof Error ? cause : undefined }, 'sign-in');
}

const keyProvider = ({ db, env }: Web, userAgent: string) =>
  Credentials({
    id: 'key',
    name: 'Security key',
    credentials: { assertion: {} },
    async authorize(credentials) {
      const relyingParty = { origin: env.webOrigin, rpId: env.rpId };
      try {
        const assertion = parseStrictJson(credentials?.assertion ?? '');
        return { id: await signInWithKey(db, { assertion, relyingParty, userAgent, secret: env.sessionSecret }) };
      } catch (error) {
        // What is thrown here would end up in a URL; null is one plain 401, whatever was wrong.
        report('KEY_REFUSED', error instanceof DomainError ? (error.cause ?? error) : error);
        return null;
      }
    },
  });

const Claims = z.object({
  iss: z.string().min(1),
  sub: z.string().min(1),
  email: z.string().nullish(),
  email_verified: z.boolean().nullish(),
});

function oidcProviders({ env: { oidc } }: Web): AuthOptions['providers'] {
  if (oidc === null) return [];
  return [
    {
      id: 'oidc',
      name: new URL(oidc.issuer).host,
      type: 'oauth',
      wellKnown: `${oidc.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      clientId: oidc.clientId,
      clientSecret: oidc.clientSecret,
      idToken: true,
      checks: ['pkce', 'state', 'nonce'],
      authorization: { params: { scope: 'openid email profile' } },
      profile: (claims) => ({ id: Claims.parse(claims).sub }),
    },
  ];
}

/** Puts the new session's id in place of the provider's subject; `jwt` writes it into the cookie. */
async function admitByOidc({ db }: Web, user: { id: string }, profile: unknown, userAgent: string): Promise<boolean> {
  try {
    const { iss, sub, email, email_verified } = Claims.parse(profile);
    const claims = { issuer: iss, subject: sub, email: email ?? null, emailVerified: email_verified === true };
    user.id = await signInWithOidc(db, claims, userAgent);
    return true;
  } catch (error) {
    report('OIDC_REFUSED', error instanceof Error ? (error.cause ?? error) : error);
    return false;
  }
}
