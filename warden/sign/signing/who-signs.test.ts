import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import { type ApproveStatement, challengeOf, openStatement, sealStatement } from '#lib/statement';
import { softKey } from '#testing/security-key';
import {
  addTokenTarget,
  admit,
  approve,
  type Member,
  type Offered,
  offered,
  openSignOrigin,
  pendingRequest,
  type SignOrigin,
  setUp,
  signTicket,
  submit,
} from '#testing/sign-origin';

/* Who may sign what, and with which key. */

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
const stateOf = async (id: string) => (await signOrigin.owner.request.findUniqueOrThrow({ where: { id } })).state;

test('a synced passkey may try things out, and production refuses it (T11)', async () => {
  const synced = await openSignOrigin();
  try {
    const eve = await setUp(synced, softKey(synced.home, { synced: true }));
    const target = (environment: string) => ({
      kind: 'token',
      name: environment,
      environment,
      soleOwnerMayApprove: true,
      maxTtlSeconds: 3_600,
      audience: 'https://deploys.example',
      resources: ['deploy/*'],
      verbs: ['start'],
      destructiveVerbs: [],
      introspected: true,
    });
    const draft = async (environment: string) =>
      synced.post('/api/target/draft', {
        agent: null,
        ticket: await synced.ticket(eve.id, { kind: 'target.add', params: {} }),
        target: target(environment),
      });
    expect((await draft('staging')).status).toBe(200);
    expect(await draft('production')).toMatchObject({
      status: 403,
      body: { code: 'not_allowed', detail: 'Production needs a hardware key.' },
    });
  } finally {
    await synced.close();
  }
});

test('a synced key beside a hardware key does not approve production', async () => {
  const target = await addTarget({ environment: 'production' });
  const passkey = softKey(signOrigin.home, { synced: true });
  await enroll(passkey);
  const offer = await offered(signOrigin, ada, approve(await file(target, ada)));
  const other = offer.keys.find(({ id }) => id !== offer.keyId);
  expect(offer.keys.map((key) => key.class)).toEqual(['claimed', 'synced']);
  const reply = await rekey(offer, other?.id);
  expect(reply).toMatchObject({
    status: 403,
    body: { code: 'not_allowed', detail: expect.stringContaining('hardware key') },
  });
  expect(await submit(signOrigin, offer, passkey)).toMatchObject({ status: 403, body: { code: 'statement_refused' } });
});

test('a key that nobody proved approves production only while an owner accepts such keys (T89)', async () => {
  const target = await addTarget({ environment: 'production' });
  const id = await file(target, ada);
  const offer = await offered(signOrigin, ada, approve(id));
  const decide = (acceptsClaimed: boolean) =>
    signTicket(signOrigin, ada, { kind: 'keys.accept', params: { acceptsClaimed } });
  expect(await decide(false)).toMatchObject({ status: 200, body: { done: 'keys.accept' } });
  const NOT_TAKEN = { code: 'not_allowed', detail: expect.stringContaining('Nobody proved that of this key') };
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({ status: 403, body: NOT_TAKEN });
  expect(await signTicket(signOrigin, ada, approve(id))).toMatchObject({ status: 403, body: NOT_TAKEN });
  expect(await stateOf(id)).toBe('pending');
  expect(await signOrigin.owner.auditEvent.findMany({ where: { kind: 'keys.accepted' } })).toHaveLength(1);
  expect((await decide(true)).status).toBe(200);
  expect((await signTicket(signOrigin, ada, approve(id))).status).toBe(200);
  expect(await stateOf(id)).toBe('approved');
});

test('only an owner decides that, and the console’s session alone does not (T13, T15)', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const ask = { kind: 'keys.accept', params: { acceptsClaimed: false } } as const;
  expect(await signTicket(signOrigin, bob, ask)).toMatchObject({
    status: 403,
    body: { detail: 'Only an owner may change this.' },
  });
  const shown = await offered(signOrigin, ada, ask);
  expect(await submit(signOrigin, shown, bob.key)).toMatchObject({ status: 403, body: { code: 'statement_refused' } });
  expect((await signOrigin.warden.authority.current(signOrigin.warden.db)).acceptsClaimed).toBe(true);
});

/** The same statement for another key, as the page asks for it: it says which bytes it has shown. */
const rekey = ({ draft, statement }: Offered, keyId: string | undefined) =>
  signOrigin.post('/api/rekey', { draft, keyId, challenge: [...challengeOf(statement)] });

describe('for another key of the same person', () => {
  test('the very statement that was shown is offered again, and no draft that was changed since (T1)', async () => {
    const second = softKey(signOrigin.home);
    await enroll(second);
    const id = await file(await addTarget(), ada);
    const offer = await offered(signOrigin, ada, approve(id));
    const other = offer.keys.find((key) => key.id !== offer.keyId)?.id;
    const again = (await rekey(offer, other)).body as unknown as Offered;
    expect(openStatement(again.statement)).toMatchObject({ key: { id: other }, request: { id } });

    const shown = openStatement(offer.statement) as ApproveStatement;
    const preview = { ...shown.preview, effects: ['Reads one row.'] };
    const lie = { ...shown, preview, previewDigest: sha256Base64url(canonicalText(preview as unknown as Json)) };
    await signOrigin.owner.draft.update({ where: { id: offer.draft }, data: { statement: sealStatement(lie) } });
    expect(await rekey(offer, other)).toMatchObject({ status: 409, body: { code: 'draft_stale' } });
  });
});

/** A further key, as the page hands it in for this person's signature. */
async function registerKey(by: Member, key: ReturnType<typeof softKey>, humanId?: string) {
  const ticket = await signOrigin.ticket(by.id, {
    kind: 'key.enroll',
    params: humanId === undefined ? {} : { humanId },
  });
  const { draft, options } = (await signOrigin.post('/api/enroll/begin', { ticket })).body as unknown as {
    draft: string;
    options: { challenge: string };
  };
  const made = { ticket, draft, label: 'Second', registration: key.register(options.challenge) };
  return signOrigin.post('/api/enroll/finish', made);
}

/** Ada's further key, signed for by her first. */
async function enroll(key: ReturnType<typeof softKey>): Promise<void> {
  const reply = await registerKey(ada, key);
  expect(reply).toMatchObject({ status: 200 });
  expect(await submit(signOrigin, reply.body as never, ada.key)).toMatchObject({
    status: 200,
    body: { done: 'key.enroll' },
  });
}

test('who lost every key gets another by an owner’s, and by nobody else’s (T13)', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const found = softKey(signOrigin.home);
  const reply = await registerKey(ada, found, bob.id);
  expect(reply).toMatchObject({ status: 200 });
  expect((await submit(signOrigin, reply.body as never, ada.key)).status).toBe(200);
  const { keys } = await signOrigin.warden.authority.current(signOrigin.warden.db);
  const held = [...keys.values()].filter(({ humanId }) => humanId === bob.id).map(({ credentialId }) => credentialId);
  expect(held).toEqual([bob.key.credentialId, found.credentialId]);
  expect(await registerKey(bob, softKey(signOrigin.home), ada.id)).toMatchObject({
    status: 403,
    body: { detail: 'Only an owner may change this.' },
  });
});

test('a further key counts only once a known key has signed for it (T13)', async () => {
  const stranger = softKey(signOrigin.home);
  const ticket = await signOrigin.ticket(ada.id, { kind: 'key.enroll', params: {} });
  const { draft, options } = (await signOrigin.post('/api/enroll/begin', { ticket })).body as unknown as {
    draft: string;
    options: { challenge: string };
  };
  const reply = await signOrigin.post('/api/enroll/finish', {
    ticket,
    draft,
    label: 'Thief’s',
    registration: stranger.register(options.challenge),
  });
  expect(await submit(signOrigin, reply.body as never, stranger)).toMatchObject({
    status: 403,
    body: { code: 'statement_refused' },
  });
  expect((await signOrigin.warden.authority.current(signOrigin.warden.db)).keys.size).toBe(1);
  expect(await signOrigin.owner.key.count()).toBe(1);
});

test('two keys of one person are not two people (T16)', async () => {
  const second = softKey(signOrigin.home);
  await enroll(second);
  const id = await file(await addTarget(), ada);
  const [one, two] = [await offered(signOrigin, ada, approve(id)), await offered(signOrigin, ada, approve(id))];
  const rekeyed = await rekey(two, two.keys.find((key) => key.id !== two.keyId)?.id);
  const replies = await Promise.all([
    submit(signOrigin, one, ada.key),
    submit(signOrigin, rekeyed.body as never, second),
  ]);
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(await signOrigin.owner.approval.count({ where: { requestId: id } })).toBe(1);
});

test('nobody approves what their own agent asks, unless they are the only one who could (T14)', async () => {
  const target = await addTarget();
  const alone = await file(target, ada);
  expect((await signTicket(signOrigin, ada, approve(alone))).status).toBe(200);
  const offer = await offered(signOrigin, ada, approve(await file(target, ada, { ttlSeconds: 61 })));
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({
    status: 403,
    body: { code: 'not_allowed', detail: expect.stringContaining('own agent') },
  });
  expect(
    (
      await signTicket(
        signOrigin,
        bob,
        approve((openStatement(offer.statement) as { request: { id: string } }).request.id),
      )
    ).status,
  ).toBe(200);
});

test('a reviewer approves nothing, and an approver changes nothing (T15)', async () => {
  const id = await file(await addTarget(), ada);
  const ray = await admit(signOrigin, ada, 'Ray', 'reviewer', softKey(signOrigin.home));
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  expect(await signTicket(signOrigin, ray, approve(id))).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
  for (const ask of [
    { kind: 'human.role', params: { humanId: bob.id, role: 'owner' } },
    { kind: 'human.disable', params: { humanId: ada.id } },
  ] as const) {
    expect(await signTicket(signOrigin, bob, ask)).toMatchObject({
      status: 403,
      body: { code: 'not_allowed', detail: 'Only an owner may change this.' },
    });
  }
  expect(
    await signOrigin.post('/api/ticket', {
      ticket: await signOrigin.ticket(bob.id, { kind: 'target.add', params: {} }),
    }),
  ).toMatchObject({ status: 403 });
});

test('a disabled approver’s open statement is refused at the very next call (T66)', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const id = await file(await addTarget(), ada);
  const offer = await offered(signOrigin, bob, approve(id));
  await signOrigin.owner.session.create({
    data: { id: 'ses_b', humanId: bob.id, method: 'key', userAgent: '', expiresAt: new Date(Date.now() + 3_600_000) },
  });
  expect((await signTicket(signOrigin, ada, { kind: 'human.disable', params: { humanId: bob.id } })).status).toBe(200);
  expect(await submit(signOrigin, offer, bob.key)).toMatchObject({ status: 403 });
  expect(await stateOf(id)).toBe('pending');
  expect((await signOrigin.owner.session.findUniqueOrThrow({ where: { id: 'ses_b' } })).revokedAt).not.toBeNull();
});

test('a disabled key signs nothing any more', async () => {
  const second = softKey(signOrigin.home);
  await enroll(second);
  const row = await signOrigin.owner.key.findUniqueOrThrow({ where: { credentialId: second.credentialId } });
  const id = await file(await addTarget(), ada);
  const offer = await offered(signOrigin, ada, approve(id));
  const rekeyed = (await rekey(offer, row.id)).body as never;
  expect((await signTicket(signOrigin, ada, { kind: 'key.disable', params: { keyId: row.id } })).status).toBe(200);
  expect(await submit(signOrigin, rekeyed, second)).toMatchObject({ status: 403 });
});
