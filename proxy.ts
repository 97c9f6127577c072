import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { inDevelopment, webOrigin } from './lib/env';
import { strictTransport } from './lib/http/wire';

/**
 * Gives each page a fresh nonce and a content security policy that names it.
 * No authorization happens here (T60): every page and route does its own.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBytes(16).toString('base64');
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  // Redirects too, which Next.js leaves to whatever cache stands between (T62).
  response.headers.set('cache-control', 'private, no-store');
  for (const [name, value] of Object.entries(strictTransport(webOrigin()))) response.headers.set(name, value);
  return response;
}

/** No third-party origin, no frame, no plug-in; style attributes are the one thing components need. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${inDevelopment() ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

export const config = {
  matcher: [{ source: '/((?!api/|_next/static|_next/image|favicon).*)' }],
};
