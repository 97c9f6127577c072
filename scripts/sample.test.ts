import { expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { adminUrl } from '#testing/database';
import { createSampleDatabase, type SampleFacts } from './sample.mjs';

let made: Promise<SampleFacts> | undefined;
function sample(): Promise<SampleFacts> {
  made ??= createSampleDatabase(adminUrl());
  return made;
}

async function brokerUrl(): Promise<string> {
  const { host, port, database, user, password } = await sample();
  return `postgresql://${user}:${password}@${host}:${port}/${database}`;
}

test('The sample database holds a small booking company, the same each time', async () => {
  await sample();
  await createSampleDatabase(adminUrl());
  const counts = await withClient(adminUrl('sample_bookings'), (client) =>
    client.query(`SELECT (SELECT count(*)::int FROM customers) AS customers, (SELECT count(*)::int FROM rooms) AS rooms,
      (SELECT count(*)::int FROM bookings) AS bookings, (SELECT count(*)::int FROM payments) AS payments`),
  );
  expect(counts.rows[0]).toEqual({ customers: 200, rooms: 40, bookings: 1200, payments: 1100 });
});

test('The broker makes a role that updates bookings and nothing else, and is no superuser itself (T39)', async () => {
  await withClient(await brokerUrl(), async (broker) => {
    const { rows } = await broker.query("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = 'sample_broker'");
    expect(rows[0]).toEqual({ rolsuper: false, rolcreaterole: true });
    await broker.query(`CREATE ROLE visitor LOGIN PASSWORD 'v'; GRANT CONNECT ON DATABASE sample_bookings TO visitor;
      GRANT USAGE ON SCHEMA public TO visitor; GRANT SELECT, UPDATE ON bookings TO visitor`);
    await expect(broker.query('GRANT pg_execute_server_program TO sample_broker')).rejects.toThrow(/permission denied/);
  });
  const visitorUrl = (await brokerUrl()).replace('sample_broker:sample', 'visitor:v');
  await withClient(visitorUrl, async (visitor) => {
    expect((await visitor.query("UPDATE bookings SET note = 'seen' WHERE id = 1")).rowCount).toBe(1);
    for (const sql of [
      'DELETE FROM bookings WHERE id = 1',
      'SELECT * FROM customers',
      'CREATE TABLE t ()',
      'CREATE TEMP TABLE t ()',
    ]) {
      await expect(visitor.query(sql), sql).rejects.toThrow(/permission denied/);
    }
  });
});

test('Nobody connects to the sample database unasked', async () => {
  await sample();
  await withClient(adminUrl(), (admin) => admin.query("CREATE ROLE passer_by LOGIN PASSWORD 'p'"));
  const url = (await brokerUrl()).replace('sample_broker:sample', 'passer_by:p');
  await expect(withClient(url, (client) => client.query('SELECT 1'))).rejects.toThrow(/permission denied for database/);
});
