import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Base64url } from '#lib/core';
import { openStatement } from '#lib/statement';
import { softKey } from '#testing/security-key';
import { type Member, openSignOrigin, type SignOrigin, setUp, submit } from '#testing/sign-origin';
import { sampleCompany } from '#testing/warden';
import { parseConnection } from './connection';

let signOrigin: SignOrigin;
let ada: Member;
let facts: Awaited<ReturnType<typeof sampleCompany>>;
const dir = mkdtempSync(join(tmpdir(), 'countersign-target-'));
beforeAll(async () => {
  facts = await sampleCompany();
  writeFileSync(join(dir, 'sample.json'), JSON.stringify({ ...facts, password: facts.password }));
  signOrigin = await openSignOrigin({ sampleFile: join(dir, 'sample.json') });
  ada = await setUp(signOrigin, softKey(signOrigin.home));
});
afterAll(async () => {
  await signOrigin.close();
  rmSync(dir, { recursive: true });
});

const ticket = () => signOrigin.ticket(ada.id, { kind: 'target.add', params: {} });
const typed = (more: object = {}) => ({
  kind: 'postgres',
  name: 'bookings',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  schemas: ['public'],
  restReads: ['table/public.rooms'],
  countRows: true,
  connection: `postgresql://${facts.user}@${facts.host}:${facts.port}/${facts.database}?sslmode=disable`,
  password: facts.password,
  ...more,
});
const call = async (path: 'draft' | 'inspect', target: object, agent: string | null = null) =>
  signOrigin.post(`/api/target/${path}`, { ticket: await ticket(), target, ...(path === 'draft' ? { agent } : {}) });

describe('adding a database', () => {
  test('looks at it first, and stores nothing by looking', async () => {
    const { status, body } = await call('inspect', typed());
    expect(status).toBe(200);
    expect(body).toMatchObject({ report: { version: expect.stringContaining('PostgreSQL'), dangers: [] } });
    expect(JSON.stringify(body)).toContain('table/public.bookings');
    expect(await signOrigin.owner.sealed.count()).toBe(0);
    expect(await signOrigin.owner.draft.count({ where: { kind: 'target.add' } })).toBe(0);
  });

  test('takes a signature, and the secret is in the database as ciphertext only (T34, P6)', async () => {
    const drafted = await call('draft', typed());
    expect(drafted.status).toBe(200);
    const reply = await submit(signOrigin, drafted.body as never, ada.key);
    expect(reply).toMatchObject({ status: 200, body: { done: 'target.add' } });
    const target = await signOrigin.owner.target.findUniqueOrThrow({ where: { name: 'bookings' } });
    const { sealed } = await signOrigin.owner.sealed.findUniqueOrThrow({ where: { ownerId: target.id } });
    expect(signOrigin.warden.vault.open(target.id, sealed)).toBe(facts.password);
    const statement = openStatement((drafted.body as unknown as { statement: string }).statement);
    expect(statement).toMatchObject({ kind: 'target.add', secretDigest: sha256Base64url(sealed) });
    const tables = ['targets', 'sealed', 'drafts', 'chain', 'audit_events'].map((table) =>
      signOrigin.owner.$queryRawUnsafe<object[]>(`SELECT t::text FROM ${table} t`),
    );
    const everything = JSON.stringify([await Promise.all(tables), drafted.body, reply.body]);
    expect(everything).not.toContain(`"${facts.password}"`);
    expect(everything).not.toContain(`:${facts.password}@`);
  });

  test('is refused with the exact SQL that helps, where the role is dangerous', async () => {
    const admin = new URL((await import('#testing/database')).adminUrl(facts.database));
    const connection = `postgresql://${admin.username}@${admin.host}${admin.pathname}?sslmode=disable`;
    const superuser = typed({ name: 'danger', connection, password: decodeURIComponent(admin.password) });
    const looked = await call('inspect', superuser);
    expect(JSON.stringify(looked.body)).toMatch(/superuser/i);
    expect((looked.body as { report?: { dangers: { mend: string }[] } }).report?.dangers[0]?.mend).toMatch(/;/);
    expect(await call('draft', superuser)).toMatchObject({ status: 502, body: { code: 'target_refused' } });
    expect(await signOrigin.owner.target.count({ where: { name: 'danger' } })).toBe(0);
  });

  test('says which field is wrong, in words', async () => {
    expect(await call('inspect', typed({ name: 'Not A Name' }))).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/name' }] },
    });
    expect(await call('inspect', typed({ connection: 'somewhere' }))).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/target/connection' }] },
    });
    expect(await call('inspect', typed({ password: '' }))).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/target/password' }] },
    });
  });

  test('with a wrong password or no server says so and quotes no secret', async () => {
    const wrong = await call('inspect', typed({ password: 'canary-7f3a' }));
    expect(wrong.status).toBe(502);
    const nobody = await call(
      'inspect',
      typed({ connection: 'postgresql://u@127.0.0.1:1/d?sslmode=disable', password: 'canary-7f3a' }),
    );
    expect(nobody).toMatchObject({ status: 502, body: { code: 'target_unreachable' } });
    expect(JSON.stringify([wrong, nobody])).not.toContain('canary-7f3a');
  });
});

test('the sample database is filled in by the warden: its password never travels', async () => {
  const target = { kind: 'sample', soleOwnerMayApprove: true };
  const looked = await call('inspect', target);
  expect(looked).toMatchObject({
    status: 200,
    body: { config: { name: 'sample-bookings', environment: 'sample' }, report: { dangers: [] } },
  });
  const drafted = await call('draft', target);
  expect(await submit(signOrigin, drafted.body as never, ada.key)).toMatchObject({ status: 200 });
  const row = await signOrigin.owner.target.findUniqueOrThrow({ where: { name: 'sample-bookings' } });
  expect(
    signOrigin.warden.vault.open(
      row.id,
      (await signOrigin.owner.sealed.findUniqueOrThrow({ where: { ownerId: row.id } })).sealed,
    ),
  ).toBe(facts.password);
});

test('a service’s introspection token is told once, after signing, and only its hash is kept', async () => {
  const target = {
    kind: 'token',
    name: 'deploys',
    environment: 'staging',
    soleOwnerMayApprove: true,
    maxTtlSeconds: 600,
    audience: 'https://deploys.example',
    resources: ['deploy/*'],
    verbs: ['start'],
    destructiveVerbs: [],
    introspected: true,
  };
  const drafted = await call('draft', target);
  expect(JSON.stringify(drafted.body)).not.toContain('cs_svc_');
  const { body } = await submit(signOrigin, drafted.body as never, ada.key);
  const { serviceToken } = (body as { secrets: { serviceToken: string } }).secrets;
  const row = await signOrigin.owner.target.findUniqueOrThrow({ where: { name: 'deploys' } });
  expect(row.config).toMatchObject({ serviceTokenHash: sha256Base64url(serviceToken) });
  expect(await signOrigin.owner.sealed.count({ where: { ownerId: row.id } })).toBe(0);
  expect(await signOrigin.owner.draft.count({ where: { sealed: { not: null }, usedAt: { not: null } } })).toBe(0);
});

test('a name that is taken is not taken twice', async () => {
  expect(await call('draft', typed())).toMatchObject({
    status: 403,
    body: { code: 'not_allowed', detail: 'Another target has that name.' },
  });
});

describe('a connection string', () => {
  test.each([
    ['postgresql://u@h/d', { host: 'h', port: 5432, database: 'd', user: 'u', password: '', tls: 'verify-full' }],
    [
      'postgres://u:p%40ss@h:6000/d?sslmode=require',
      { host: 'h', port: 6000, database: 'd', user: 'u', password: 'p@ss', tls: 'require' },
    ],
    [
      'postgresql://u@localhost/d',
      { host: 'localhost', port: 5432, database: 'd', user: 'u', password: '', tls: 'disable' },
    ],
    [
      'postgresql://u@[::1]:5433/d',
      { host: '::1', port: 5433, database: 'd', user: 'u', password: '', tls: 'disable' },
    ],
    [
      'postgresql://u@db.example/d?sslmode=verify-ca',
      { host: 'db.example', port: 5432, database: 'd', user: 'u', password: '', tls: 'verify-full' },
    ],
  ])('%s', (text, parts) => {
    expect(parseConnection(text)).toEqual(parts);
  });

  test.each([
    'mysql://u@h/d',
    'postgresql://h/d',
    'postgresql://u@h',
    'postgresql://u@/d',
    'nothing',
    '',
    'postgresql://u@h/d?sslmode=maybe',
    'postgresql://u@h/d?options=-crole%3Dpostgres',
    'postgresql://u@h/d?host=evil.example',
    'postgresql://u@h/%zz',
  ])('%j is refused', (text) => {
    expect(() => parseConnection(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
