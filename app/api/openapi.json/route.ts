import { web } from '#lib/console';
import { openApiDocument } from '#lib/http/openapi';

/** Public: it says what there is, not what anyone has. */
export const GET = (): Response =>
  Response.json(openApiDocument(web().env), { headers: { 'cache-control': 'no-cache' } });

export const dynamic = 'force-dynamic';
