import { web } from '#lib/console';

const HALF_YEAR_MS = 182 * 24 * 3_600 * 1000;

/** RFC 9116. Whoever runs this installation says where its reports go; by default they go to the project. */
export function GET(): Response {
  const { webOrigin, securityContact = 'https://countersign.dev/security' } = web().env;
  // Shown, never decided by: the host's clock will do.
  const expires = new Date(Date.now() + HALF_YEAR_MS).toISOString();
  const lines = [
    `Contact: ${securityContact}`,
    `Expires: ${expires}`,
    'Preferred-Languages: en',
    `Canonical: ${webOrigin}/.well-known/security.txt`,
  ];
  return new Response(`${lines.join('\n')}\n`, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

export const dynamic = 'force-dynamic';
