import { web } from '#lib/console';
import { databaseNow } from '#lib/db';

/** Ready means the database answers: 200, else 503. */
export async function GET(): Promise<Response> {
  const ready = await databaseNow(web().db).then(
    () => true,
    () => false,
  );
  return Response.json({ ready }, { status: ready ? 200 : 503, headers: { 'cache-control': 'no-store' } });
}

export const dynamic = 'force-dynamic';
