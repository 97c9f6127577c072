import { web } from '#lib/console';
import { openApiDocument } from '#lib/http/openapi';

/** Public: it says what there is here, not what anyone has. The other two origins have documents of their own. */
export const GET = (): Response =>
  Response.json(openApiDocument('web', web().env.webOrigin), { headers: { 'cache-control': 'no-cache' } });

export const dynamic = 'force-dynamic';
