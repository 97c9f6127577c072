import { cookies } from 'next/headers';
import { decode } from 'next-auth/jwt';
import { type Web, web } from '#lib/console';

export const isSecure = ({ env }: Web): boolean => env.webOrigin.startsWith('https:');

/** `__Host-` where the scheme allows it: no sibling host name can plant or read it. */
export const cookieName = (site: Web, name: string): string => `${isSecure(site) ? '__Host-' : ''}countersign.${name}`;

export const sessionCookie = (site: Web) => ({
  name: cookieName(site, 'session'),
  options: { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure(site) } as const,
});

/** The session id (`ses_…`) in the caller's cookie, or null. It proves nothing until its row is asked. */
export async function sessionIdOf(): Promise<string | null> {
  const site = web();
  const token = (await cookies()).get(sessionCookie(site).name)?.value;
  if (token === undefined) return null;
  const claims = await decode({ token, secret: site.env.sessionSecret }).catch(() => null);
  return typeof claims?.['sid'] === 'string' ? claims['sid'] : null;
}

/** Takes the cookie away; the row was ended before. */
export async function forgetSession(): Promise<void> {
  const { name, options } = sessionCookie(web());
  (await cookies()).set(name, '', { ...options, maxAge: 0 });
}
