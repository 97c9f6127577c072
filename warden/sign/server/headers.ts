import { GUARDED, permissionsPolicy } from '#lib/http/wire';

/**
 * On every answer of the sign origin (P2). Nothing foreign loads, nothing
 * frames it, nothing is kept, no string becomes markup, and no cookie exists
 * that somebody could send along.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  ...GUARDED,
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-frame-options': 'DENY',
  'permissions-policy': permissionsPolicy(['create', 'get']),
  'cache-control': 'no-store',
};
