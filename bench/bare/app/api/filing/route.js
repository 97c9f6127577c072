import pg from 'pg';

/* What filing is measured against: a bare handler that commits one request row and one audit row. */

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });

export const dynamic = 'force-dynamic';

export async function POST(request) {
  const { reason } = await request.json();
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO bare_requests (reason) VALUES ($1) RETURNING id', [reason]);
    await client.query('INSERT INTO bare_events (request_id, body) VALUES ($1, $2)', [
      rows[0].id,
      JSON.stringify({ kind: 'request.filed', reason }),
    ]);
    await client.query('COMMIT');
    return Response.json({ id: rows[0].id }, { status: 201 });
  } finally {
    client.release();
  }
}
