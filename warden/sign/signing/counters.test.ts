import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { base64url, newId } from '#lib/core';
import { challengeOf } from '#lib/statement';
import { softKey } from '#testing/security-key';
import {
  addTokenTarget,
  admit,
  approve,
  type Member,
  offered,
  openSignOrigin,
  pendingRequest,
  type SignOrigin,
  setUp,
  signTicket,
  submit,
} from '#testing/sign-origin';

/* Counters tell a copied key from the only one. */

let signOrigin: SignOrigin;
let ada: Member;
beforeEach(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
});
afterEach(() => signOrigin.close());

const addTarget = () => addTokenTarget(signOrigin, ada);
const file = (targetId: string, owner: Member, ask: { readonly ttlSeconds: number }) =>
  pendingRequest(signOrigin, targetId, owner, ask);

describe('a key’s counter (T12)', () => {
  test('that stands still after it moved, or goes back, is a copied key', async () => {
    const target = await addTarget();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await file(target, ada, { ttlSeconds: 60 + n }));
    const ask = () => approve(ids.pop() ?? '');
    expect((await signTicket(signOrigin, ada, ask(), { counter: 7 })).status).toBe(200);
    for (const counter of [7, 6, 0])
      expect(await signTicket(signOrigin, ada, ask(), { counter })).toMatchObject({
        status: 403,
        body: { code: 'statement_refused' },
      });
    expect((await signTicket(signOrigin, ada, ask(), { counter: 8 })).status).toBe(200);
    // The only key of the only owner: without it nobody could sign for anything.
    expect(signOrigin.warden.alarms.list()).toMatchObject([
      { code: 'key_retired', text: expect.stringContaining('stays') },
    ]);
  });

  test('that goes back retires the key, with an alarm, for good, and signs its person out', async () => {
    const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
    const target = await addTarget();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await file(target, ada, { ttlSeconds: 60 + n }));
    const ask = () => approve(ids.pop() ?? '');
    expect((await signTicket(signOrigin, bob, ask(), { counter: 7 })).status).toBe(200);
    const session = {
      id: newId('ses'),
      humanId: bob.id,
      method: 'key',
      userAgent: '',
      expiresAt: new Date(Date.now() + 60_000),
    };
    await signOrigin.owner.session.create({ data: session });
    // A stranger makes it look so without the key: nothing comes of it.
    const forged = { ...softKey(signOrigin.home), credentialId: bob.key.credentialId };
    const offer = await offered(signOrigin, bob, ask());
    expect((await submit(signOrigin, offer, forged, { counter: 6 })).status).toBe(403);
    expect(signOrigin.warden.alarms.list()).toEqual([]);

    expect((await signTicket(signOrigin, bob, ask(), { counter: 6 })).status).toBe(403);
    expect(signOrigin.warden.alarms.list()).toMatchObject([
      { code: 'key_retired', text: expect.stringMatching(/“Bob’s key” of Bob: it did not count on/) },
    ]);
    expect(await signTicket(signOrigin, bob, ask(), { counter: 9 })).toMatchObject({ status: 403 });
    expect(await signOrigin.owner.key.findFirstOrThrow({ where: { humanId: bob.id } })).toMatchObject({
      state: 'disabled',
    });
    expect(await signOrigin.owner.session.findUniqueOrThrow({ where: { id: session.id } })).not.toMatchObject({
      revokedAt: null,
    });
    expect(await signOrigin.owner.auditEvent.findMany({ where: { kind: 'key.retired' } })).toHaveLength(1);

    await signOrigin.owner.key.updateMany({ where: { humanId: bob.id }, data: { state: 'active' } });
    const restarted = await signOrigin.restarted().authority.current(signOrigin.warden.db);
    expect([...restarted.keys.values()].find(({ humanId }) => humanId === bob.id)).toMatchObject({ active: false });
    expect((await signTicket(signOrigin, ada, { kind: 'human.disable', params: { humanId: bob.id } })).status).toBe(
      200,
    );
  });
});

test('a counter that stands in a key’s row alone retires nobody’s key, and one that was taken from there hides no copy (T12)', async () => {
  const target = await addTarget();
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const ids: string[] = [];
  for (let n = 0; n < 4; n += 1) ids.push(await file(target, ada, { ttlSeconds: 60 + n }));
  const ask = () => approve(ids.pop() ?? '');
  const inRow = (counter: bigint) => signOrigin.owner.key.updateMany({ where: { humanId: bob.id }, data: { counter } });
  expect((await signTicket(signOrigin, bob, ask(), { counter: 7 })).status).toBe(200);
  // Whoever owns the tables keeps Bob from signing so, and has not made his key a copied one.
  await inRow(1_000n);
  expect((await signTicket(signOrigin, bob, ask(), { counter: 8 })).status).toBe(403);
  expect(signOrigin.warden.alarms.list()).toEqual([]);
  await inRow(0n);
  const restarted = signOrigin.restarted();
  expect(
    restarted.signVault.counters.of([...(await keys()).values()].find(({ humanId }) => humanId === bob.id)?.id ?? ''),
  ).toBe(7n);
  expect((await signTicket(signOrigin, bob, ask(), { counter: 3 })).status).toBe(403);
  expect(signOrigin.warden.alarms.list()).toMatchObject([{ code: 'key_retired' }]);
  expect([...(await keys()).values()].find(({ humanId }) => humanId === bob.id)).toMatchObject({ active: false });
});

test('that stands still over other bytes shows a copy that counts along (T12)', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const target = await addTarget();
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.push(await file(target, ada, { ttlSeconds: 60 + n }));
  const ask = () => approve(ids.pop() ?? '');
  expect((await signTicket(signOrigin, bob, ask(), { counter: 7 })).status).toBe(200);
  expect((await signTicket(signOrigin, bob, ask(), { counter: 7 })).status).toBe(403);
  expect(signOrigin.warden.alarms.list()).toMatchObject([{ code: 'key_retired' }]);
});

test('two signatures that reach the warden at once with one counter are not both taken', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const target = await addTarget();
  const offers = [];
  for (let n = 0; n < 4; n += 1)
    offers.push(await offered(signOrigin, bob, approve(await file(target, ada, { ttlSeconds: 60 + n }))));
  const replies = await Promise.all(offers.map((offer) => submit(signOrigin, offer, bob.key, { counter: 7 })));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('the same signature sent again, after another, is nobody’s copy', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const target = await addTarget();
  const [first, second] = [await file(target, ada, { ttlSeconds: 60 }), await file(target, ada, { ttlSeconds: 61 })];
  const offer = await offered(signOrigin, bob, approve(first));
  await signOrigin.web.request.update({ where: { id: first }, data: { state: 'denied' } });
  const assertion = bob.key.assert(base64url(challengeOf(offer.statement)), { counter: 7 });
  const send = () => signOrigin.post('/api/sign', { draft: offer.draft, assertion });
  expect(await send()).toMatchObject({ status: 409, body: { code: 'already_decided' } });
  expect((await signTicket(signOrigin, bob, approve(second), { counter: 8 })).status).toBe(200);
  expect(await send()).toMatchObject({ status: 403, body: { code: 'statement_refused' } });
  expect(signOrigin.warden.alarms.list()).toEqual([]);
});

const keys = async () => (await signOrigin.warden.authority.current(signOrigin.warden.db)).keys;
