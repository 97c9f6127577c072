import { web } from '#lib/console';

/** The API's reference: Swagger UI from this server, under the nonce that proxy.ts gave this answer. */
export function GET(request: Request): Response {
  return new Response(page(request.headers.get('x-nonce') ?? '', web().env), {
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  });
}

type Origins = Readonly<Record<'agentOrigin' | 'gatewayOrigin', string>>;

/** The other origins are linked and not read: they answer no page of another one. */
const page = (nonce: string, { agentOrigin, gatewayOrigin }: Origins): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Countersign</title>
<link rel="icon" href="/docs/api/favicon-32x32.png">
<link rel="stylesheet" href="/docs/api/swagger-ui.css">
</head>
<body>
<header class="swagger-ui"><p class="wrapper">Asking is described here. The OpenAPI documents of the other two origins:
<a href="${agentOrigin}/openapi.json">collecting</a>${gatewayOrigin === agentOrigin ? '' : `, <a href="${gatewayOrigin}/openapi.json">calls to providers</a>`}.</p></header>
<main id="reference"><noscript>The document itself is at <a href="/api/openapi.json">/api/openapi.json</a>.</noscript></main>
<script nonce="${nonce}" src="/docs/api/swagger-ui-bundle.js"></script>
<script nonce="${nonce}" src="/docs/api/start.js"></script>
</body>
</html>
`;

export const dynamic = 'force-dynamic';
