import { afterAll, beforeAll, expect, test } from 'vitest';
import { iso } from '#lib/core';
import { connect, type Db, transact } from '#lib/db';
import { withClient } from '#scripts/postgres';
import { freshDatabase, type TestDatabase } from '#testing/database';
import { append, eventRow, type NewAuditEvent } from './index';

/* Who may write what into the record, by the database roles of the three processes (T83, T90). */

let database: TestDatabase;
let owner: Db;
beforeAll(async () => {
  database = await freshDatabase();
  owner = connect(database.ownerUrl);
});
afterAll(() => owner.$disconnect());

const AGENT = 'agt_00000000000000000001';
const PERSON = 'hum_00000000000000000001';
const minutes = (n: number): Date => new Date(Date.now() + n * 60_000);

type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** What a process's role is answered to this row; empty where it is written. */
async function answered(url: string, row: Row): Promise<string> {
  const names = Object.keys(row);
  return withClient(url, async (client) => {
    try {
      await client.query(
        `INSERT INTO audit_events (${names.join(', ')}) VALUES (${names.map((_, n) => `$${n + 1}`).join(', ')})`,
        Object.values(row),
      );
      return '';
    } catch (error) {
      return String((error as { readonly code?: string }).code);
    }
  });
}

function row(event: Partial<NewAuditEvent>, more: Readonly<Record<string, unknown>> = {}) {
  const whole = { kind: 'request.filed', actor: AGENT, agentId: AGENT, at: new Date(), ...event } as NewAuditEvent;
  const { id, kind, at, actor, body, agentId, humanId } = eventRow(whole);
  return { id, kind, at: iso(at), actor, body, agent_id: agentId, human_id: humanId, ...more };
}

/** An honest filing, with something else in its body. */
function withBody(change: object) {
  const honest = row({});
  return { ...honest, body: JSON.stringify({ ...JSON.parse(honest.body), ...change }) };
}

const YESTERDAY = minutes(-1_440);
const ADMITTED = { kind: 'human.admitted', actor: PERSON } as const;

test.each<[string, () => Row]>([
  ['that a person was admitted, by an owner, yesterday', () => row({ ...ADMITTED, at: YESTERDAY })],
  ['that a person was admitted', () => row(ADMITTED)],
  ['an approval', () => row({ kind: 'request.approved', actor: PERSON })],
  ['a proven end', () => row({ kind: 'grant.ended', actor: 'warden' })],
  ['that an alarm is over', () => row({ kind: 'alarm.cleared', actor: 'warden' })],
  ['a use at the gateway', () => row({ kind: 'grant.used' })],
  ['a denial of the warden’s', () => row({ kind: 'request.denied', actor: 'warden' })],
  ['a sign-in of an agent', () => row({ kind: 'session.started' })],
  ['what one agent did in another’s name', () => row({ actor: 'agt_00000000000000000002' })],
  ['yesterday', () => row({ at: YESTERDAY })],
  ['tomorrow', () => row({ at: minutes(1_440) })],
  ['a body that names somebody else', () => withBody({ actor: PERSON })],
  ['a body of another kind', () => withBody({ kind: 'request.cancelled' })],
  ['a body of another event', () => withBody({ id: 'evt_other' })],
  ['a body of yesterday', () => withBody({ at: iso(YESTERDAY) })],
  ['a body without a time', () => withBody({ at: undefined })],
  ['a body about something else', () => withBody({ subject: { agentId: AGENT, humanId: PERSON } })],
  ['a number from the future', () => row({}, { seq: 1_000_000 })],
  ['another writer', () => row({}, { reported_by: 'warden' })],
  ['another time of writing', () => row({}, { recorded_at: iso(minutes(-60)) })],
])('Web does not write %s', async (_, forge) => {
  const forged = forge();
  expect(await answered(database.webUrl, forged)).toBe('42501');
  expect(await owner.auditEvent.count({ where: { id: forged.id } })).toBe(0);
});

test.each<[string, Partial<NewAuditEvent>]>([
  ['asks', {}],
  ['takes back what it asked', { kind: 'request.cancelled' }],
  ['gives back what it got', { kind: 'grant.ending' }],
])('Web writes that an agent %s', async (_, event) => {
  expect(await answered(database.webUrl, row(event))).toBe('');
});

test('The gateway writes late what it could not write before, and nothing ahead', async () => {
  const read = (at: Date) => row({ kind: 'gateway.read', at });
  expect(await answered(database.gatewayUrl, read(minutes(-60)))).toBe('');
  expect(await answered(database.gatewayUrl, read(minutes(60)))).toBe('42501');
});

test.each(['webUrl', 'gatewayUrl', 'wardenUrl'] as const)('A number is nobody’s to write: %s', async (url) => {
  expect(await answered(database[url], row({}, { seq: 1_000_000 }))).toBe('42501');
});

test('An event bears the process that wrote it and the database’s time, in the order it was written', async () => {
  const events: Array<[string, Partial<NewAuditEvent>]> = [
    [database.webUrl, { kind: 'freeze.begun', actor: PERSON, agentId: undefined, humanId: PERSON }],
    [database.gatewayUrl, { kind: 'gateway.read', at: minutes(-10) }],
    [database.wardenUrl, { kind: 'grant.ended', actor: 'warden', at: minutes(-1) }],
    [database.ownerUrl, { kind: 'grant.ended', actor: 'warden' }],
  ];
  const began = Date.now() - 1_000;
  const ids: string[] = [];
  for (const [url, event] of events) {
    const written = row(event);
    ids.push(written.id);
    expect(await answered(url, written)).toBe('');
  }
  const found = await owner.auditEvent.findMany({ where: { id: { in: ids } }, orderBy: { seq: 'asc' } });
  expect(found.map(({ id }) => id)).toEqual(ids);
  expect(found.map(({ reportedBy }) => reportedBy).slice(0, 3)).toEqual(['web', 'gateway', 'warden']);
  expect(['web', 'gateway', 'warden']).not.toContain(found[3]?.reportedBy);
  for (const { recordedAt } of found) expect(recordedAt.getTime()).toBeGreaterThan(began);
});

test('What the processes append by themselves is taken', async () => {
  const [web, warden] = [connect(database.webUrl), connect(database.wardenUrl)];
  const person = { actor: PERSON, humanId: PERSON };
  await transact(web, (tx, now) =>
    append(tx, { kind: 'session.started', at: now, ...person, data: { sessionId: 'ses_1' } }),
  );
  await transact(warden, (tx, now) => append(tx, { kind: 'human.admitted', at: now, ...person }));
  await Promise.all([web.$disconnect(), warden.$disconnect()]);
});
