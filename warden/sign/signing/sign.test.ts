import { afterEach, beforeEach, expect, test } from 'vitest';
import { base64url, newId, randomToken } from '#lib/core';
import { challengeOf, openStatement, type Statement, sealStatement } from '#lib/statement';
import { type Ceremony, softKey } from '#testing/security-key';
import {
  addTokenTarget,
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
import { sealPreview } from '../../preview/seal';

let signOrigin: SignOrigin;
let ada: Member;
beforeEach(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
});
afterEach(() => signOrigin.close());

const addTarget = (more?: Parameters<typeof addTokenTarget>[2]) => addTokenTarget(signOrigin, ada, more);
type AskAndSeen = [ask?: Parameters<typeof pendingRequest>[3], seen?: Parameters<typeof pendingRequest>[4]];
const file = (targetId: string, owner: Member, ...more: AskAndSeen) =>
  pendingRequest(signOrigin, targetId, owner, ...more);

const OTHER = {
  id: newId('req'),
  agentId: '',
  targetId: '',
  resources: [],
  verbs: [],
  ttlSeconds: 1,
  maxUses: null,
  reason: '',
  ticketUrl: null,
  operation: null,
};
const stateOf = async (id: string) => (await signOrigin.owner.request.findUniqueOrThrow({ where: { id } })).state;

test('a signed approval makes one grant, and both are on record', async () => {
  const id = await file(await addTarget(), ada);
  const offer = await offered(signOrigin, ada, approve(id));
  expect(openStatement(offer.statement)).toMatchObject({
    kind: 'request.approve',
    approver: { name: 'Ada' },
    request: { id, verbs: ['start'] },
  });
  expect(offer.back).toBe(`http://localhost:3000/requests/${id}`);
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({ status: 200, body: { done: 'request.approve' } });
  expect(await stateOf(id)).toBe('approved');
  expect(await signOrigin.owner.grant.count({ where: { requestId: id, state: 'ready' } })).toBe(1);
  const kinds = (await signOrigin.owner.auditEvent.findMany({ where: { requestId: id }, orderBy: { seq: 'asc' } })).map(
    ({ kind }) => kind,
  );
  expect(kinds).toEqual(['request.approved', 'grant.ready']);
});

test('a request whose effects could not be found out is not shown for signing, and the page says why (P7)', async () => {
  const id = await file(await addTarget(), ada, {}, { blocked: 'The database refused: division by zero.' });
  const { status, body } = await signTicket(signOrigin, ada, approve(id));
  expect([status, body.detail]).toEqual([
    403,
    'Nobody can approve this. Deny it, or let it lapse: The database refused: division by zero.',
  ]);
});

const NOBODY = { tokenHash: '', keyThumbprint: null, ownerId: '' };

test.each([
  [
    'its preview',
    (id: string) => signOrigin.owner.$executeRaw`
    UPDATE requests SET preview = jsonb_set(preview, '{effects}', '["Reads one row."]') WHERE id = ${id}`,
  ],
  [
    'what it asks for',
    (id: string) => signOrigin.owner.$executeRaw`UPDATE requests SET resources = '{deploy/all}' WHERE id = ${id}`,
  ],
  [
    'its seal, for another request’s',
    (id: string) => signOrigin.owner.$executeRaw`
    UPDATE requests SET preview_seal = ${sealPreview(signOrigin.warden.vault, OTHER, NOBODY, {})} WHERE id = ${id}`,
  ],
])('a request of which a thief of the database changed %s is not shown for signing (T1, T3)', async (_what, change) => {
  const id = await file(await addTarget(), ada);
  await change(id);
  expect(await signTicket(signOrigin, ada, approve(id))).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(signOrigin.warden.alarms.list().map(({ code }) => code)).toContain('tampering');
});

const REFUSED: ReadonlyArray<readonly [string, Ceremony | ((home: string) => Ceremony)]> = [
  ['without user verification (T10)', { uv: false }],
  ['on web’s origin (T6, T8)', { origin: 'http://localhost:3000' }],
  ['on an origin that begins like ours (T8)', (home) => ({ origin: `${home}.evil.example` })],
  ['on an origin that ends like ours (T8)', (home) => ({ origin: `http://evil.${home.slice(7)}` })],
  ['on our origin with another scheme (T8)', (home) => ({ origin: home.replace('http:', 'https:') })],
  ['on our origin with a slash (T8)', (home) => ({ origin: `${home}/` })],
  ['on our host without the port (T8)', { origin: 'http://localhost' }],
  ['for another rpId (T8)', { rpId: 'evil.example' }],
  ['inside somebody’s frame (T9)', { crossOrigin: true }],
  ['as a registration (T6)', { type: 'webauthn.create' }],
  ['as a payment (T6)', { type: 'payment.get' }],
  ['by a key that became backup-eligible (T11)', { synced: true }],
];

test('an assertion made wrongly in any way approves nothing, and every refusal looks the same', async () => {
  const id = await file(await addTarget(), ada);
  const details = new Set<string>();
  for (const [name, how] of REFUSED) {
    const offer = await offered(signOrigin, ada, approve(id));
    const reply = await submit(signOrigin, offer, ada.key, typeof how === 'function' ? how(signOrigin.origin) : how);
    expect(reply, name).toMatchObject({ status: 403, body: { code: 'statement_refused' } });
    details.add(reply.body.detail ?? '');
  }
  expect(details.size).toBe(1);
  expect(await stateOf(id)).toBe('pending');
});

test('a signature over any other byte than the statement’s is refused (T1, T3, T7)', async () => {
  const id = await file(await addTarget(), ada);
  const offer = await offered(signOrigin, ada, approve(id));
  const statement = openStatement(offer.statement) as Extract<Statement, { kind: 'request.approve' }>;
  const longer = sealStatement({ ...statement, limits: { ...statement.limits, ttlSeconds: 3_600 } });
  for (const other of [longer, `${offer.statement} `, offer.statement.replace('deploy/api', 'deploy/apj')]) {
    const assertion = ada.key.assert(base64url(challengeOf(other)));
    expect(await signOrigin.post('/api/sign', { draft: offer.draft, assertion })).toMatchObject({
      status: 403,
      body: { code: 'statement_refused' },
    });
  }
  await signOrigin.owner.draft.update({ where: { id: offer.draft }, data: { statement: longer } });
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({ status: 403, body: { code: 'statement_refused' } });
  expect(await stateOf(id)).toBe('pending');
});

test('fifty submissions of one assertion have one success (T5)', async () => {
  const id = await file(await addTarget(), ada);
  const offer = await offered(signOrigin, ada, approve(id));
  const assertion = ada.key.assert(base64url(challengeOf(offer.statement)));
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => signOrigin.post('/api/sign', { draft: offer.draft, assertion })),
  );
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(new Set(replies.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(
    new Set(['draft_stale']),
  );
  expect(await signOrigin.owner.approval.count()).toBe(1);
});

test('an assertion does not fit an identical later request (T5)', async () => {
  const target = await addTarget();
  const [first, second] = [await file(target, ada), await file(target, ada, { ttlSeconds: 601 })];
  const [one, two] = [await offered(signOrigin, ada, approve(first)), await offered(signOrigin, ada, approve(second))];
  const assertion = ada.key.assert(base64url(challengeOf(one.statement)));
  expect(await signOrigin.post('/api/sign', { draft: two.draft, assertion })).toMatchObject({
    status: 403,
    body: { code: 'statement_refused' },
  });
});

test('a hundred approvals of one request at once make one grant (T64)', async () => {
  const id = await file(await addTarget(), ada);
  const offers: Awaited<ReturnType<typeof offered>>[] = [];
  for (let n = 0; n < 100; n++) offers.push(await offered(signOrigin, ada, approve(id)));
  const replies = await Promise.all(offers.map((offer) => submit(signOrigin, offer, ada.key)));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await signOrigin.owner.grant.count({ where: { requestId: id } })).toBe(1);
  expect(await signOrigin.owner.approval.count({ where: { requestId: id } })).toBe(1);
});

test.each(['denied', 'cancelled', 'lapsed'])('a request that was %s meanwhile stays so', async (state) => {
  const id = await file(await addTarget(), ada);
  const offer = await offered(signOrigin, ada, approve(id));
  await signOrigin.owner.request.update({ where: { id }, data: { state } });
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({ status: 409, body: { code: 'already_decided' } });
  expect(await signOrigin.post('/api/ticket', { ticket: await signOrigin.ticket(ada.id, approve(id)) })).toMatchObject({
    status: 409,
    body: { code: 'already_decided' },
  });
});

test('approve and deny at once: one final state (T64)', async () => {
  const target = await addTarget();
  for (let round = 0; round < 5; round += 1) {
    const id = await file(target, ada, { ttlSeconds: 60 + round });
    const offer = await offered(signOrigin, ada, approve(id));
    const [signed, denied] = await Promise.all([
      submit(signOrigin, offer, ada.key),
      signOrigin.web.request.updateMany({
        where: { id, state: 'pending' },
        data: { state: 'denied', decidedBy: ada.id },
      }),
    ]);
    expect([signed.status === 200, denied.count === 1].filter(Boolean)).toHaveLength(1);
    expect(await signOrigin.owner.grant.count({ where: { requestId: id } })).toBe(signed.status === 200 ? 1 : 0);
  }
});

test('a statement older than five minutes is not signed', async () => {
  const offer = await offered(signOrigin, ada, approve(await file(await addTarget(), ada)));
  await signOrigin.owner.draft.update({
    where: { id: offer.draft },
    data: { expiresAt: new Date(Date.now() - 1_000) },
  });
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({ status: 409, body: { code: 'draft_stale' } });
});

test('what a disabled agent asked is not approved', async () => {
  const id = await file(await addTarget(), ada);
  const offer = await offered(signOrigin, ada, approve(id));
  await signOrigin.owner.agent.updateMany({ data: { state: 'disabled' } });
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
});

test('an approval is journalled with the grant that it made (T84)', async () => {
  const id = await file(await addTarget(), ada);
  expect(await submit(signOrigin, await offered(signOrigin, ada, approve(id)), ada.key)).toMatchObject({ status: 200 });
  const grant = await signOrigin.owner.grant.findUniqueOrThrow({ where: { requestId: id } });
  expect(signOrigin.warden.vault.granted.get(grant.id)).toBe(id);
});

test('while everything is frozen nothing is offered for approval, and what was offered before is not approved (P9)', async () => {
  const id = await file(await addTarget(), ada);
  const offer = await offered(signOrigin, ada, approve(id));
  const freezeId = newId('frz');
  const row = { id: freezeId, humanId: ada.id, reason: 'Odd.', begunAt: new Date() };
  await signOrigin.owner.freeze.create({ data: row });
  const said = { status: 403, body: { code: 'not_allowed', detail: expect.stringContaining('Everything is frozen') } };
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject(said);
  const ticket = await signOrigin.ticket(ada.id, approve(id));
  expect(await signOrigin.post('/api/ticket', { ticket })).toMatchObject(said);
  expect(await signOrigin.owner.approval.count({ where: { requestId: id } })).toBe(0);
  const thaw = await offered(signOrigin, ada, { kind: 'freeze.thaw', params: { freezeId } });
  expect(await submit(signOrigin, thaw, ada.key)).toMatchObject({ status: 200 });
  // What lay on a page all the time does not count afterwards: it is offered again.
  const stale = { status: 409, body: { code: 'draft_stale', detail: expect.stringContaining('Review it again') } };
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject(stale);
  const again = await offered(signOrigin, ada, approve(id));
  expect(await submit(signOrigin, again, ada.key)).toMatchObject({ status: 200 });
});

test('a ticket is over after ten minutes, and a forged one shows nothing', async () => {
  const ticket = await signOrigin.ticket(ada.id, { kind: 'target.add', params: {} });
  await signOrigin.owner.ticket.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } });
  for (const token of [ticket, randomToken()])
    expect(await signOrigin.post('/api/ticket', { ticket: token })).toMatchObject({
      status: 410,
      body: { code: 'gone' },
    });
});
