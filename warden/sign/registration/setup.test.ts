import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newId, randomToken, sha256Base64url } from '#lib/core';
import { packedMaker, type SoftKey, softKey } from '#testing/security-key';
import { admit, openSignOrigin, register, type SignOrigin, setUp, setupCode, signTicket } from '#testing/sign-origin';
import { createSetup } from './setup-code';

let signOrigin: SignOrigin;
beforeEach(async () => {
  signOrigin = await openSignOrigin();
});
afterEach(() => signOrigin.close());

const begin = (code: string) => signOrigin.post('/api/setup/begin', { code, name: 'Eve', email: 'eve@example.com' });

test('the first key is registered once, pinned outside the database, and on record', async () => {
  const ada = await setUp(signOrigin, softKey(signOrigin.home));
  const authority = await signOrigin.warden.authority.current(signOrigin.warden.db);
  expect(authority.humans.get(ada.id)).toMatchObject({ name: 'Ada', role: 'owner', active: true });
  expect([...authority.keys.values()][0]).toMatchObject({ class: 'claimed', credentialId: ada.key.credentialId });
  expect(signOrigin.warden.vault.readPin()?.head).toEqual(authority.head);
  expect(await signOrigin.owner.auditEvent.findMany({ select: { kind: true } })).toEqual([
    { kind: 'installation.set_up' },
  ]);
});

/** Finishes the set-up that this key began, with what the founder said. */
async function finish(key: SoftKey, answer: object) {
  const code = await setupCode(signOrigin);
  const { draft, options } = (await begin(code)).body as unknown as { draft: string; options: { challenge: string } };
  const made = { code, draft, label: 'Key', registration: key.register(options.challenge) };
  return { reply: await signOrigin.post('/api/setup/finish', { ...made, ...answer }), made };
}

const accepts = async () => (await signOrigin.warden.authority.current(signOrigin.warden.db)).acceptsClaimed;

test('a founder whose key nobody proved is asked once, with the key touched once, and the answer is in the first entry (T89)', async () => {
  const { reply, made } = await finish(softKey(signOrigin.home), {});
  expect(reply).toMatchObject({ status: 428, body: { code: 'precondition_required' } });
  expect(await signOrigin.owner.chainEntry.count()).toBe(0);
  expect(signOrigin.warden.vault.readPin()).toBeNull();
  const again = await signOrigin.post('/api/setup/finish', { ...made, acceptsClaimed: false });
  expect(again).toMatchObject({
    status: 200,
    body: { class: 'claimed', acceptsClaimed: false, unproven: 'It showed no proof of what it is.' },
  });
  expect(await accepts()).toBe(false);
  expect(signOrigin.warden.vault.readPin()?.genesis).toContain('"acceptsClaimed":false');
});

test('a founder whose maker an owner of the machine named is asked nothing, and accepts proven keys alone', async () => {
  const maker = packedMaker();
  writeFileSync(join(signOrigin.makersDir, 'ours.pem'), maker.root.toString());
  const { reply } = await finish(softKey(signOrigin.home, {}, maker), {});
  expect(reply).toMatchObject({ status: 200, body: { class: 'attested', unproven: null, acceptsClaimed: false } });
  expect(await accepts()).toBe(false);
});

test('a founder with a synced passkey is asked nothing, and accepts proven keys alone', async () => {
  const { reply } = await finish(softKey(signOrigin.home, { synced: true }), {});
  expect(reply).toMatchObject({ status: 200, body: { class: 'synced', acceptsClaimed: false } });
});

test('the set-up code works once', async () => {
  const code = await setupCode(signOrigin);
  await setUp(signOrigin, softKey(signOrigin.home));
  expect(await begin(code)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(signOrigin.links).toHaveLength(1);
});

test('two people who finish set-up at once make one installation', async () => {
  const code = await setupCode(signOrigin);
  const starts = await Promise.all([
    begin(code),
    signOrigin.post('/api/setup/begin', { code, name: 'Ada', email: 'ada@example.com' }),
  ]);
  const replies = await Promise.all(
    starts.map(({ body }) => {
      const { draft, options } = body as unknown as { draft: string; options: { challenge: string } };
      return signOrigin.post('/api/setup/finish', {
        code,
        draft,
        label: 'Key',
        registration: softKey(signOrigin.home).register(options.challenge),
        acceptsClaimed: true,
      });
    }),
  );
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await signOrigin.owner.chainEntry.count()).toBe(1);
  expect((await signOrigin.warden.authority.current(signOrigin.warden.db)).humans.size).toBe(1);
});

test('a stranger who posts wrong codes does not end the right one', async () => {
  const code = await setupCode(signOrigin);
  const wrong = async (): Promise<number> => (await begin('x'.repeat(32))).status;
  const answers: number[] = [];
  for (let tries = 0; tries < 100; tries += 1) answers.push(await wrong());
  expect(new Set(answers)).toEqual(new Set([403, 429]));
  expect(await begin(code)).toMatchObject({ status: 200 });
});

test('a code is over after thirty minutes', () => {
  let now = 0;
  const links: string[] = [];
  const setup = createSetup(
    { ...signOrigin.warden, origins: { ...signOrigin.warden.origins, sign: 'http://s' } },
    (url) => links.push(url),
    () => now,
  );
  setup.begin();
  return expect
    .poll(() => links.length)
    .toBe(1)
    .then(() => {
      const code = links[0]?.split('#')[1] ?? '';
      setup.check(code);
      now = 30 * 60_000;
      expect(() => setup.check(code)).toThrow('over');
      setup.end();
    });
});

test('set-up cut off after the pin and before the entry can be done again', async () => {
  signOrigin.warden.vault.writePin({ genesis: '{}', head: { seq: 1, hash: 'x' } });
  await setUp(signOrigin, softKey(signOrigin.home));
  expect((await signOrigin.warden.authority.current(signOrigin.warden.db)).humans.size).toBe(1);
});

test('a database that was emptied is not set up anew: the pin remembers', async () => {
  const ada = await setUp(signOrigin, softKey(signOrigin.home));
  await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  await signOrigin.owner.$executeRawUnsafe('ALTER TABLE chain DISABLE TRIGGER ALL; ');
  await signOrigin.owner.$executeRawUnsafe('DELETE FROM chain');
  const restarted = signOrigin.restarted();
  const links: string[] = [];
  const setup = createSetup(restarted, (url) => links.push(url));
  setup.begin();
  await expect(restarted.authority.current(signOrigin.warden.db)).rejects.toMatchObject({ code: 'minting_stopped' });
  expect(links).toEqual([]);
});

test('an invited person counts for nothing until an owner confirms the very key they registered', async () => {
  const ada = await setUp(signOrigin, softKey(signOrigin.home));
  const bob = softKey(signOrigin.home);
  const id = await register(signOrigin, ada, 'Bob', 'approver', bob);
  expect((await signOrigin.warden.authority.current(signOrigin.warden.db)).humans.has(id)).toBe(false);
  expect(
    await signTicket(signOrigin, { id, name: 'Bob', key: bob }, { kind: 'human.disable', params: { humanId: ada.id } }),
  ).toMatchObject({ status: 403 });
  expect((await signTicket(signOrigin, ada, { kind: 'human.admit', params: { humanId: id } })).status).toBe(200);
  expect(await signOrigin.owner.human.findUnique({ where: { id } })).toMatchObject({
    state: 'active',
    role: 'approver',
  });
  expect((await signOrigin.warden.authority.current(signOrigin.warden.db)).humans.get(id)).toMatchObject({
    role: 'approver',
    active: true,
  });
});

test('a thief who swaps the waiting key in the database gets the true one confirmed, not theirs (T13)', async () => {
  const ada = await setUp(signOrigin, softKey(signOrigin.home));
  const [bob, thief] = [softKey(signOrigin.home), softKey(signOrigin.home)];
  const id = await register(signOrigin, ada, 'Bob', 'approver', bob);
  await signOrigin.owner.key.updateMany({
    where: { humanId: id },
    data: { publicKey: 'stolen', credentialId: thief.credentialId },
  });
  await signOrigin.owner.human.update({ where: { id }, data: { role: 'owner' } });
  await signTicket(signOrigin, ada, { kind: 'human.admit', params: { humanId: id } });
  const authority = await signOrigin.warden.authority.current(signOrigin.warden.db);
  expect([...authority.keys.values()].find(({ humanId }) => humanId === id)?.credentialId).toBe(bob.credentialId);
  expect(authority.humans.get(id)?.role).toBe('approver');
});

test('an invitation works once', async () => {
  const ada = await setUp(signOrigin, softKey(signOrigin.home));
  await register(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const invitation = await signOrigin.owner.invitation.findFirstOrThrow();
  expect(invitation.usedAt).not.toBeNull();
  await expect(register(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home))).rejects.toThrow('conflict');
});

test.each([
  ['without user verification (T10)', { uv: false }],
  ['on another origin (T8)', { origin: 'http://localhost:3000' }],
  ['inside somebody’s frame (T9)', { crossOrigin: true }],
  ['for another rpId (T8)', { rpId: 'example.com' }],
  ['as a signature (T6)', { type: 'webauthn.get' }],
])('a key registered %s is refused', async (_name, how) => {
  const code = await setupCode(signOrigin);
  const { body } = await begin(code);
  const { draft, options } = body as unknown as { draft: string; options: { challenge: string } };
  const reply = await signOrigin.post('/api/setup/finish', {
    code,
    draft,
    label: 'Key',
    registration: softKey(signOrigin.home).register(options.challenge, how),
  });
  expect(reply).toMatchObject({ status: 403, body: { code: 'statement_refused' } });
  expect(await signOrigin.owner.chainEntry.count()).toBe(0);
  expect(signOrigin.warden.vault.readPin()).toBeNull();
});

test('a registration begun for one thing finishes no other (T6)', async () => {
  const code = await setupCode(signOrigin);
  const begun = (await begin(code)).body as unknown as { draft: string; options: { challenge: string } };
  const ada = await setUp(signOrigin, softKey(signOrigin.home));
  const ticket = await signOrigin.ticket(ada.id, { kind: 'key.enroll', params: {} });
  const enroll = (await signOrigin.post('/api/enroll/begin', { ticket })).body as unknown as typeof begun;
  const invitation = randomToken();
  await signOrigin.web.invitation.create({
    data: {
      id: newId('inv'),
      codeHash: sha256Base64url(invitation),
      name: 'Bob',
      email: 'ada@example.com',
      role: 'approver',
      invitedBy: ada.id,
      expiresAt: new Date(Date.now() + 3_600_000),
    },
  });
  const invite = (await signOrigin.post('/api/invite/begin', { code: invitation })).body as unknown as typeof begun;
  const finish = (path: string, secret: object, { draft, options }: typeof begun) =>
    signOrigin.post(`/api/${path}/finish`, {
      ...secret,
      draft,
      label: 'Key',
      registration: softKey(signOrigin.home).register(options.challenge),
    });
  for (const other of [begun, invite])
    expect(await finish('enroll', { ticket }, other)).toMatchObject({ status: 409, body: { code: 'draft_stale' } });
  for (const other of [begun, enroll])
    expect(await finish('invite', { code: invitation }, other)).toMatchObject({
      status: 409,
      body: { code: 'draft_stale' },
    });
  expect(await signOrigin.owner.key.count()).toBe(1);
});
