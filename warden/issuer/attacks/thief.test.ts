import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { classOf } from '#lib/authority';
import { canonicalText, type Json, newId, sha256Base64url } from '#lib/core';
import { withClient } from '#scripts/postgres';
import { type Signer, signer } from '#testing/people';
import {
  addTarget,
  admit,
  approve,
  collect,
  databaseConfig,
  file,
  type House,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  type TestAgent,
} from '#testing/warden';

/*
 * Somebody who writes to the database, as the web role and as the tables'
 * owner, gets nothing minted (P3). The owner may switch triggers off.
 */

let house: House;
let agent: TestAgent;
let targetId: string;
let mallory: Signer;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  mallory = await signer('Mallory', 'owner');
  const { password, ...place } = await sampleCompany();
  targetId = await addTarget(house, databaseConfig(place), password);
});
afterAll(() => house.close());
beforeEach(() => house.warden.alarms.clear('tampering'));

/** As the tables' owner, with every trigger silenced. */
const steal = (sql: string, values: readonly unknown[] = []): Promise<unknown> =>
  withClient(house.database.adminUrl, async (client) => {
    await client.query("SET session_replication_role = 'replica'");
    return client.query(sql, [...values]);
  });

const approved = async (): Promise<string> => approve(house, await file(house, agent, targetId));
const grantOf = (id: string) => house.owner.grant.findUniqueOrThrow({ where: { id } });

async function expectNothing(grantId: string, by = agent): Promise<void> {
  const { status, body } = await collect(house, grantId, { token: by.collect });
  expect([status, body.code]).toEqual([403, 'statement_refused']);
  expect(body.detail).toMatch(/^The approval does not hold. Nothing was minted/);
  expect(await isMinted(grantId)).toBe(false);
  expect(house.warden.alarms.list().map(({ code }) => code)).toContain('tampering');
  expect(await grantOf(grantId)).toMatchObject({ endReason: 'voided', reference: null });
}

describe('The web role', () => {
  test.each([
    [
      'forge an approval',
      `INSERT INTO approvals (id, request_id, human_id, key_id, nonce, statement, assertion) VALUES ('a', 'b', 'c', 'd', 'e', 'f', '{}')`,
    ],
    ['make a grant', `INSERT INTO grants (id, kind) VALUES ('grn_1', 'resting')`],
    ['insert a key', `INSERT INTO keys (id, human_id) VALUES ('k', 'h')`],
    ['raise a role', `UPDATE humans SET role = 'owner'`],
    ['change limits', 'UPDATE requests SET ttl_seconds = 86400'],
    ['change what is asked', `UPDATE requests SET resources = '{schema/public}'`],
    ['widen a grant', `UPDATE grants SET verbs = '{truncate}', ttl_seconds = 86400`],
    ['extend a grant', `UPDATE grants SET expires_at = 'infinity'`],
    ['write to the chain', `INSERT INTO chain (seq, hash, kind, statement) VALUES (99, 'x', 'human.role', '{}')`],
    ['move a target', `UPDATE targets SET config = '{}'`],
    ['read a secret', 'SELECT * FROM sealed'],
    ['change the record', 'UPDATE audit_events SET actor = actor'],
  ])('may not %s', async (_what, sql) => {
    await expect(withClient(house.database.webUrl, (client) => client.query(sql))).rejects.toMatchObject({
      code: '42501',
    });
  });

  test('may not approve', async () => {
    const requestId = await file(house, agent, targetId);
    const sql = `UPDATE requests SET state = 'approved' WHERE id = '${requestId}'`;
    await expect(withClient(house.database.webUrl, (client) => client.query(sql))).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe('The tables’ owner mints nothing by', () => {
  test.each([
    [
      'lengthening the request',
      'UPDATE requests SET ttl_seconds = 3600 WHERE id = (SELECT request_id FROM grants WHERE id = $1)',
    ],
    [
      'changing the resource',
      `UPDATE requests SET resources = '{table/public.payments}' WHERE id = (SELECT request_id FROM grants WHERE id = $1)`,
    ],
    [
      'changing the verbs',
      `UPDATE requests SET verbs = '{select,update,delete}' WHERE id = (SELECT request_id FROM grants WHERE id = $1)`,
    ],
    [
      'changing the reason',
      `UPDATE requests SET reason = 'Nothing.' WHERE id = (SELECT request_id FROM grants WHERE id = $1)`,
    ],
    [
      'adding an operation',
      `UPDATE requests SET operation = '{"sql":"DROP TABLE bookings"}' WHERE id = (SELECT request_id FROM grants WHERE id = $1)`,
    ],
    ['lengthening the grant', 'UPDATE grants SET ttl_seconds = 3600 WHERE id = $1'],
    ['widening the grant', `UPDATE grants SET verbs = '{truncate}', resources = '{schema/public}' WHERE id = $1`],
    ['making the grant exact', `UPDATE grants SET kind = 'exact' WHERE id = $1`],
    [
      'forgetting that it was denied',
      `UPDATE requests SET state = 'denied' WHERE id = (SELECT request_id FROM grants WHERE id = $1)`,
    ],
    ['removing the approval', 'DELETE FROM approvals WHERE request_id = (SELECT request_id FROM grants WHERE id = $1)'],
    [
      'removing the approval’s record (P4)',
      `DELETE FROM audit_events WHERE kind = 'request.approved' AND request_id = (SELECT request_id FROM grants WHERE id = $1)`,
    ],
    [
      'changing a byte of the statement',
      `UPDATE approvals SET statement = regexp_replace(statement, '"ttlSeconds":[0-9]+', '"ttlSeconds":3600') WHERE request_id = (SELECT request_id FROM grants WHERE id = $1)`,
    ],
  ])('%s', async (_what, sql) => {
    const grantId = await approved();
    await steal(sql, [grantId]);
    await expectNothing(grantId);
  });

  test('changing request, grant and statement alike (T3)', async () => {
    const grantId = await approved();
    const { requestId } = await grantOf(grantId);
    await steal('UPDATE requests SET ttl_seconds = 3600 WHERE id = $1', [requestId]);
    await steal('UPDATE grants SET ttl_seconds = 3600 WHERE id = $1', [grantId]);
    await steal(
      `UPDATE approvals SET statement = regexp_replace(statement, '"ttlSeconds":[0-9]+', '"ttlSeconds":3600') WHERE request_id = $1`,
      [requestId],
    );
    await expectNothing(grantId);
  });

  test('giving the grant to another agent', async () => {
    const thief = await newAgent(house);
    const grantId = await approved();
    await steal('UPDATE grants SET agent_id = $1 WHERE id = $2', [thief.id, grantId]);
    await steal('UPDATE requests SET agent_id = $1 WHERE id = (SELECT request_id FROM grants WHERE id = $2)', [
      thief.id,
      grantId,
    ]);
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(404);
    await expectNothing(grantId, thief);
  });

  test('giving the agent another token', async () => {
    const thief = await newAgent(house);
    const victim = await newAgent(house);
    const grantId = await approve(house, await file(house, victim, targetId));
    await steal(`UPDATE agents SET token_hash = token_hash || 'x' WHERE id = $1`, [thief.id]);
    await steal('UPDATE agents SET token_hash = $1 WHERE id = $2', [sha256Base64url(thief.token), victim.id]);
    expect((await collect(house, grantId, { token: thief.collect })).status).toBe(404);
    expect(await isMinted(grantId)).toBe(false);
    // What counts of an agent is signed: its row took nothing from it either (T82).
    expect((await collect(house, grantId, { token: victim.collect })).status).toBe(200);
  });

  test('inserting a person and a key of their own and approving with it (T47)', async () => {
    const { human, key } = mallory;
    await house.owner.human.create({ data: { ...human, state: 'active' } });
    await house.owner.key.create({ data: { ...key, humanId: human.id, state: 'active' } });
    const requestId = await file(house, agent, targetId);
    const trusting = { ...house, warden: { ...house.warden, authority: forged(mallory) } };
    const grantId = await approve(trusting, requestId, { by: mallory });
    await expectNothing(grantId);
  });

  test('raising a reviewer’s role', async () => {
    const eve = await signer('Eve', 'reviewer');
    await admit(house, eve);
    await steal(`UPDATE humans SET role = 'owner' WHERE id = $1`, [eve.human.id]);
    const grantId = await approve(house, await file(house, agent, targetId), { by: eve });
    await expectNothing(grantId);
  });

  test('copying a true approval to another request (T47)', async () => {
    const [grantId, other] = [
      await approved(),
      await approve(house, await file(house, agent, targetId, { ttlSeconds: 900 })),
    ];
    const [from, to] = [(await grantOf(grantId)).requestId, (await grantOf(other)).requestId];
    await steal('DELETE FROM approvals WHERE request_id = $1', [to]);
    await steal('UPDATE approvals SET request_id = $1 WHERE request_id = $2', [to, from]);
    await expectNothing(other);
  });

  test('deleting a collected grant and putting it back as ready (T75)', async () => {
    const grantId = await approved();
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
    await steal(`DELETE FROM sealed WHERE owner_id = $1`, [grantId]);
    await steal(
      `UPDATE grants SET state = 'ready', reference = NULL, expires_at = NULL, collected_at = NULL WHERE id = $1`,
      [grantId],
    );
    const again = await collect(house, grantId, { token: agent.collect });
    expect([again.status, again.body.code]).toEqual([403, 'statement_refused']);
  });

  test('putting it back under another id', async () => {
    const grantId = await approved();
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
    const copy = newId('grn');
    await steal(
      `UPDATE grants SET id = $2, state = 'ready', reference = NULL, expires_at = NULL, collected_at = NULL WHERE id = $1`,
      [grantId, copy],
    );
    await expectNothing(copy);
  });

  test('pointing the target at a server of theirs: the warden goes where the owner signed', async () => {
    const grantId = await approved();
    await steal(`UPDATE targets SET config = jsonb_set(config, '{host}', '"thief.example"') WHERE id = $1`, [targetId]);
    const { status, body } = await collect(house, grantId, { token: agent.collect });
    expect([status, body.credential?.host]).toEqual([200, '127.0.0.1']);
  });

  test('swapping the target’s secret', async () => {
    const grantId = await approved();
    const before = await house.owner.sealed.findUniqueOrThrow({ where: { ownerId: targetId } });
    await steal('UPDATE sealed SET sealed = $1 WHERE owner_id = $2', [
      house.warden.vault.seal(targetId, 'stolen'),
      targetId,
    ]);
    const { status, body } = await collect(house, grantId, { token: agent.collect });
    await steal('UPDATE sealed SET sealed = $1 WHERE owner_id = $2', [before.sealed, targetId]);
    expect([status, body.code]).toEqual([503, 'minting_stopped']);
    expect(await isMinted(grantId)).toBe(false);
  });
});

/** What the thief’s own program believes. */
const forged = ({ human, key }: Signer): House['warden']['authority'] => ({
  isSetUp: () => true,
  async current(db) {
    const authority = await house.warden.authority.current(db);
    return {
      ...authority,
      humans: new Map([...authority.humans, [human.id, { ...human, active: true }]]),
      keys: new Map([
        ...authority.keys,
        [key.id, { ...key, class: classOf(key.class), humanId: human.id, active: true }],
      ]),
    };
  },
});

describe('An older or other chain', () => {
  test('stops all minting until the true one is back (T75)', async () => {
    const grantId = await approved();
    const rows = await house.owner.chainEntry.findMany({ orderBy: { seq: 'desc' }, take: 1 });
    const [last] = rows;
    if (last === undefined) throw new Error('no chain');
    const put = (row: typeof last) =>
      steal('INSERT INTO chain VALUES ($1, $2, $3, $4, $5, $6)', [
        row.seq,
        row.hash,
        row.kind,
        row.statement,
        row.assertion,
        row.createdAt,
      ]);
    await steal('DELETE FROM chain WHERE seq = $1', [last.seq]);
    for (const warden of [house.warden, house.restarted()]) {
      await expect(warden.authority.current(warden.db)).rejects.toMatchObject({ code: 'minting_stopped' });
    }
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(503);
    expect(await isMinted(grantId)).toBe(false);
    await put(last);
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
  });

  test('An entry nobody signed stops all minting', async () => {
    const grantId = await approved();
    const { head } = await house.warden.authority.current(house.warden.db);
    const statement = canonicalText({ kind: 'human.role', prev: head.hash } as Json);
    await steal(`INSERT INTO chain VALUES ($1, 'x', 'human.role', $2, '{}', now())`, [head.seq + 1, statement]);
    expect((await collect(house, grantId, { token: agent.collect })).body.code).toBe('minting_stopped');
    await steal('DELETE FROM chain WHERE seq = $1', [head.seq + 1]);
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
  });
});
