import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, databaseNow } from '#lib/db';
import { type SoftKey, softKey } from '#testing/security-key';
import { admit, type Member, openSignOrigin, type SignOrigin, setupCode, signTicket } from '#testing/sign-origin';
import { pendingRecovery, RECOVERY_SECONDS, writeRecovery } from '#warden/changes';
import { watchRecovery } from '../../pulse/recovery';
import { newCode } from './code';
import { completeRecovery } from './recover';

/* Who lost every key, and who only says so. */

let signOrigin: SignOrigin;
let ada: Member;
let code: string;

beforeEach(async () => {
  signOrigin = await openSignOrigin();
  const secret = await setupCode(signOrigin);
  const key = softKey(signOrigin.home);
  const who = { name: 'Ada', email: 'ada@example.com' };
  const begun = (await signOrigin.post('/api/setup/begin', { code: secret, ...who })).body as unknown as Begun;
  const made = { draft: begun.draft, label: 'Blue key', registration: key.register(begun.options.challenge) };
  const finished = await signOrigin.post('/api/setup/finish', { code: secret, ...made, acceptsClaimed: true });
  code = String(finished.body['recoveryCode']);
  ada = { id: (await signOrigin.owner.human.findFirstOrThrow()).id, name: 'Ada', key };
});
afterEach(() => signOrigin.close());

interface Begun {
  readonly draft: string;
  readonly options: { readonly challenge: string };
}

const authority = () => signOrigin.warden.authority.current(signOrigin.warden.db);
const alarms = () => signOrigin.warden.alarms.list().map((alarm) => alarm.code);

async function begin(key: SoftKey, typed = code) {
  const { status, body } = await signOrigin.post('/api/recover/begin', { code: typed });
  if (status !== 200) return { status, body };
  const { draft, options } = body as unknown as Begun;
  const made = { code: typed, draft, label: 'New key', registration: key.register(options.challenge) };
  return signOrigin.post('/api/recover/finish', made);
}
const complete = () => signOrigin.post('/api/recover/complete', { code });

/** Lets the delay pass: what waits was begun earlier. */
async function wait(seconds = RECOVERY_SECONDS): Promise<void> {
  const { recovery } = await authority();
  if (recovery === null) throw new Error('no code');
  const { signVault } = signOrigin.warden;
  const pending = pendingRecovery(signVault, recovery);
  if (pending === null) throw new Error('nothing waits');
  const begunAt = new Date(Date.parse(pending.begunAt) - seconds * 1_000).toISOString();
  writeRecovery(signVault, { ...pending, begunAt });
}

test('the code brings its person back two days later, with an alarm from the first moment, once', async () => {
  const found = softKey(signOrigin.home);
  expect(await begin(found)).toMatchObject({ status: 200, body: { name: 'Ada', ready: false } });
  expect(alarms()).toEqual(['recovery_begun']);
  expect((await authority()).keys.size).toBe(1);
  expect(await complete()).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
  await wait(RECOVERY_SECONDS - 60);
  expect((await complete()).status).toBe(403);
  await wait(60);
  expect(await signOrigin.post('/api/recover/begin', { code })).toMatchObject({ status: 200, body: { ready: true } });
  expect((await complete()).status).toBe(200);
  expect(alarms()).toEqual([]);
  const back = { ...ada, key: found };
  const held = [...(await authority()).keys.values()].filter(({ humanId }) => humanId === ada.id);
  expect(held.map(({ credentialId }) => credentialId)).toEqual([ada.key.credentialId, found.credentialId]);
  const lost = held.find(({ credentialId }) => credentialId === ada.key.credentialId);
  const disable = { kind: 'key.disable', params: { keyId: lost?.id ?? '' } } as const;
  expect((await signTicket(signOrigin, ada, disable)).status).toBe(200);
  expect((await signTicket(signOrigin, back, { kind: 'keys.accept', params: { acceptsClaimed: false } })).status).toBe(
    200,
  );
  expect(await complete()).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(await begin(softKey(signOrigin.home))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});

test('another code opens nothing, and what waits is not replaced by a second key', async () => {
  expect(await begin(softKey(signOrigin.home), newCode())).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(alarms()).toEqual([]);
  const first = softKey(signOrigin.home);
  await begin(first);
  const again = await signOrigin.post('/api/recover/begin', { code });
  expect(again.body).not.toHaveProperty('draft');
  await wait();
  await complete();
  expect([...(await authority()).keys.values()].map(({ credentialId }) => credentialId)).toContain(first.credentialId);
});

test('of two keys that were begun before one waited the second is refused, and the first waits on', async () => {
  const begun = async () => (await signOrigin.post('/api/recover/begin', { code })).body as unknown as Begun;
  const [first, second] = [await begun(), await begun()];
  const [one, two] = [softKey(signOrigin.home), softKey(signOrigin.home)];
  const finish = ({ draft, options }: Begun, key: SoftKey) =>
    signOrigin.post('/api/recover/finish', {
      ...{ code, draft, label: 'New key' },
      registration: key.register(options.challenge),
    });
  expect((await finish(first, one)).status).toBe(200);
  expect(await finish(second, two)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  const { recovery } = await authority();
  const waits = recovery && pendingRecovery(signOrigin.warden.signVault, recovery);
  expect(waits?.enrolled.credentialId).toBe(one.credentialId);
});

test('nothing of it lies in the database: who writes there makes no key of their own wait, and begins none earlier', async () => {
  await begin(softKey(signOrigin.home));
  const { recovery } = await authority();
  expect(await signOrigin.owner.sealed.count()).toBe(0);
  const row = { ownerId: recovery?.id ?? '', sealed: signOrigin.warden.vault.seal(recovery?.id ?? '', '{}') };
  await signOrigin.owner.sealed.create({ data: row });
  expect(await complete()).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
  expect((await authority()).keys.size).toBe(1);
});

test('an owner’s session stops what waits, without a key and past a restart (P9); the code begins again, with two days and an alarm', async () => {
  await begin(softKey(signOrigin.home));
  await wait();
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const stop = async (who: Member) =>
    signOrigin.post('/api/recover/stop', {
      ticket: await signOrigin.ticket(who.id, { kind: 'recovery.stop', params: {} }),
    });
  expect(await stop(bob)).toMatchObject({ status: 403 });
  expect((await stop(ada)).status).toBe(200);
  expect(alarms()).toEqual([]);
  expect(await complete()).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
  expect(await stop(ada)).toMatchObject({ status: 404, body: { detail: 'Nothing waits on the recovery code.' } });
  const restarted = signOrigin.restarted();
  await watchRecovery(restarted);
  expect(restarted.alarms.list()).toEqual([]);
  // A session that was stolen cannot take the founder's last way back for good.
  expect(await begin(softKey(signOrigin.home))).toMatchObject({ status: 200, body: { ready: false } });
  expect(alarms()).toEqual(['recovery_begun']);
  expect((await complete()).status).toBe(403);
});

test('what an owner was told is stopped never counts, though it was being completed', async () => {
  await begin(softKey(signOrigin.home));
  await wait();
  const ticket = await signOrigin.ticket(ada.id, { kind: 'recovery.stop', params: {} });
  const [completed, stopped] = await Promise.all([complete(), signOrigin.post('/api/recover/stop', { ticket })]);
  expect([completed.status, stopped.status].filter((status) => status === 200)).toHaveLength(1);
  expect((await authority()).keys.size).toBe(completed.status === 200 ? 2 : 1);
});

test('the two days do not rest on a clock that the tables’ owner made (T77)', async () => {
  await begin(softKey(signOrigin.home));
  for (const sql of [
    `CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
      $$ SELECT pg_catalog.clock_timestamp() + interval '3 days' $$`,
    'GRANT EXECUTE ON FUNCTION public.clock_timestamp() TO PUBLIC',
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$`,
  ])
    await signOrigin.owner.$executeRawUnsafe(sql);
  const db = connect(signOrigin.wardenUrl);
  try {
    expect((await databaseNow(db)).getTime()).toBeLessThan(Date.now() + 60_000);
    await expect(completeRecovery({ ...signOrigin.warden, db }, { code })).rejects.toMatchObject({
      code: 'not_allowed',
    });
  } finally {
    await db.$disconnect();
  }
  // Nor on the database's clock alone, where its host's was set.
  const { signVault } = signOrigin.warden;
  const { recovery } = await authority();
  const pending = recovery && pendingRecovery(signVault, recovery);
  if (pending === null) throw new Error('nothing waits');
  const begunAt = new Date(Date.now() - (RECOVERY_SECONDS - 60) * 1_000).toISOString();
  writeRecovery(signVault, { ...pending, begunAt });
  expect((await complete()).status).toBe(403);
});

test('a warden that starts again, or looks later, says that the code was used', async () => {
  await begin(softKey(signOrigin.home));
  const restarted = signOrigin.restarted();
  await watchRecovery(restarted);
  expect(restarted.alarms.list()).toMatchObject([{ code: 'recovery_begun', text: expect.stringContaining('Ada') }]);
  writeRecovery(restarted.signVault, null);
  await watchRecovery(restarted);
  expect(restarted.alarms.list()).toEqual([]);
});
