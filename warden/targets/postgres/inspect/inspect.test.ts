import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bookingCompany, type Fixture } from '#testing/database';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await bookingCompany(
    undefined,
    `CREATE FUNCTION who() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT current_user::text';`,
  );
});
afterAll(() => fixture.close());

test('a broker made by our own script is safe, and what is there is told', async () => {
  const found = await fixture.target.inspect();
  expect(found.dangers).toEqual([]);
  expect(found.version).toMatch(/^PostgreSQL 18\./);
  expect(found.tables).toContainEqual({ resource: 'table/public.bookings', kind: 'table', estimatedRows: 1200 });
  expect(found.warnings.join('\n')).toMatch(/public\.who\(\)|who\(\)/);
  expect(found.warnings.join('\n')).toMatch(/may connect to these databases/);
});

describe('a dangerous broker is refused, and the SQL given with it mends it', () => {
  const cases: [title: string, spoil: (broker: string, database: string) => string, says: RegExp][] = [
    ['REPLICATION', (broker) => `ALTER ROLE ${broker} REPLICATION`, /replicate/],
    ['BYPASSRLS', (broker) => `ALTER ROLE ${broker} BYPASSRLS`, /row-level security/],
    ['no CREATEROLE', (broker) => `ALTER ROLE ${broker} NOCREATEROLE`, /cannot make roles/],
    ['superuser', (broker) => `ALTER ROLE ${broker} SUPERUSER`, /superuser/],
    [
      'member of pg_execute_server_program',
      (broker) => `GRANT pg_execute_server_program TO ${broker}`,
      /pg_execute_server_program/,
    ],
    [
      'temporary tables for everyone',
      (_broker, database) => `GRANT TEMPORARY ON DATABASE ${database} TO PUBLIC`,
      /temporary tables/,
    ],
    ['CREATE for everyone', () => 'GRANT CREATE ON SCHEMA public TO PUBLIC', /create objects in schema public/],
    [
      'no grant option on a table',
      (broker) => `REVOKE GRANT OPTION FOR DELETE ON bookings FROM ${broker}`,
      /cannot grant DELETE on public\.bookings/,
    ],
    [
      'no grant option on a sequence',
      (broker) => `REVOKE ALL ON SEQUENCE bookings_id_seq FROM ${broker}`,
      /bookings_id_seq/,
    ],
    [
      'nobody may connect',
      (broker, database) =>
        `REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC; REVOKE GRANT OPTION FOR CONNECT ON DATABASE ${database} FROM ${broker}`,
      /into the database/,
    ],
    [
      'nobody may use the schema',
      (broker) =>
        `REVOKE USAGE ON SCHEMA public FROM PUBLIC; REVOKE GRANT OPTION FOR USAGE ON SCHEMA public FROM ${broker}`,
      /into schema public/,
    ],
  ];
  test.each(cases)('%s', async (_title, spoil, says) => {
    await fixture.admin.query(spoil(`"${fixture.config.user}"`, `"${fixture.config.database}"`));
    const { dangers } = await fixture.target.inspect();
    expect(dangers.map((danger) => danger.text).join('\n')).toMatch(says);
    for (const danger of dangers) await fixture.admin.query(danger.mend);
    expect((await fixture.target.inspect()).dangers).toEqual([]);
  });

  test('a schema that is not there', async () => {
    expect((await fixture.variant({ schemas: ['public', 'gone'] }).inspect()).dangers).toMatchObject([
      { text: 'There is no schema gone.' },
    ]);
  });
});

test('the script makes a spoiled broker right again, and for a superuser makes another', async () => {
  await fixture.admin.query(
    `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "${fixture.config.user}"; ALTER ROLE "${fixture.config.user}" NOCREATEROLE`,
  );
  const spoiled = await fixture.target.inspect();
  expect(spoiled.dangers).not.toEqual([]);
  await fixture.admin.query(spoiled.script ?? '');
  expect((await fixture.target.inspect()).dangers).toEqual([]);
  await fixture.admin.query(`ALTER ROLE "${fixture.config.user}" SUPERUSER`);
  expect((await fixture.target.inspect()).script).toContain('CREATE ROLE "countersign_broker"');
  await fixture.admin.query(`ALTER ROLE "${fixture.config.user}" NOSUPERUSER`);
});
