import { beforeAll, describe, expect, it } from 'vitest';
import { connect, type Db } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { otherChallenge, type Person, person, SIGN, WEB } from '#testing/people';
import { openSession } from './sessions';
import { signInChallenge, signInWithKey } from './sign-in';

const SECRET = 'a secret of at least thirty-two characters';

let web: Db;
let owner: Db;
let ada: Person;

beforeAll(async () => {
  const database = await freshDatabase();
  web = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  ada = await person(owner);
});

const signIn = (assertion: unknown, relyingParty = WEB) =>
  signInWithKey(web, { assertion, relyingParty, userAgent: 'test', secret: SECRET });
const REFUSED = { code: 'unauthenticated', message: 'Sign-in did not work. Try again from the start.' };

describe('signing in with a key', () => {
  it('opens a session of that person and records it in the same transaction (P4)', async () => {
    const sessionId = await signIn(ada.sign(signInChallenge(SECRET)));
    expect(await openSession(web, sessionId)).toMatchObject({ id: ada.id, role: 'owner', method: 'key', sessionId });
    expect(await web.auditEvent.count({ where: { kind: 'session.started', actor: ada.id } })).toBe(1);
  });

  it('refuses the same assertion a second time, and fifty times at once opens one session (T5, T64)', async () => {
    const assertion = ada.sign(signInChallenge(SECRET));
    const attempts = await Promise.allSettled(Array.from({ length: 50 }, () => signIn(assertion)));
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
    await expect(signIn(assertion)).rejects.toMatchObject(REFUSED);
  });

  it('refuses an assertion made on the sign origin: approving is no sign-in (T6)', async () => {
    await expect(signIn(ada.sign(signInChallenge(SECRET), SIGN.origin))).rejects.toMatchObject(REFUSED);
  });

  it('refuses an assertion for another relying party (T8)', async () => {
    const assertion = ada.sign(signInChallenge(SECRET));
    await expect(signIn(assertion, { ...WEB, rpId: 'example.com' })).rejects.toMatchObject(REFUSED);
  });

  it.each(['http://localhost:30000', 'http://localhost', 'https://localhost:3000', 'http://a.localhost:3000'])(
    'refuses an assertion made on %s (T8)',
    async (origin) => {
      await expect(signIn(ada.sign(signInChallenge(SECRET), origin))).rejects.toMatchObject(REFUSED);
    },
  );

  it('refuses an assertion without user verification (T10)', async () => {
    const touchOnly = { userGetAssertionInteraction: () => ({ options: { uv: false, up: true } }) };
    const cleo = await person(owner, { name: 'Cleo', authenticator: touchOnly });
    const assertion = cleo.sign(signInChallenge(SECRET));
    expect(userVerified(assertion)).toBe(false);
    await expect(signIn(assertion)).rejects.toMatchObject(REFUSED);
  });

  it('refuses a challenge of nobody’s, a stale one, and one in the body instead of the signed data (T7)', async () => {
    await expect(signIn(ada.sign(otherChallenge()))).rejects.toMatchObject(REFUSED);
    const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1_000);
    await expect(signIn(ada.sign(signInChallenge(SECRET, ago(302))))).rejects.toMatchObject(REFUSED);
    await expect(signIn(ada.sign(signInChallenge(`${SECRET}.`)))).rejects.toMatchObject(REFUSED);
    const longer = Buffer.from(signInChallenge(SECRET, ago(400)), 'base64url');
    longer.writeUIntBE(longer.readUIntBE(16, 6) + 1_000, 16, 6);
    for (const forged of [longer, longer.subarray(0, 22), Buffer.concat([longer, Buffer.alloc(1)])])
      await expect(signIn(ada.sign(forged.toString('base64url')))).rejects.toMatchObject(REFUSED);
    await expect(signIn(ada.sign(signInChallenge(SECRET, ago(290))))).resolves.toMatch(/^ses_/);
    const fresh = signInChallenge(SECRET);
    await expect(signIn({ ...(ada.sign(otherChallenge()) as object), challenge: fresh })).rejects.toMatchObject(
      REFUSED,
    );
  });

  it('stores nothing for who only asks, and one row for who signed in, until it is over', async () => {
    const stored = (): Promise<number> => owner.signInChallenge.count();
    const before = await stored();
    const asked = Array.from({ length: 1_000 }, () => signInChallenge(SECRET));
    expect(new Set(asked).size).toBe(1_000);
    await expect(signIn(ada.sign(otherChallenge()))).rejects.toMatchObject(REFUSED);
    expect(await stored()).toBe(before);
    await signIn(ada.sign(asked[999] ?? ''));
    expect(await stored()).toBe(before + 1);
    await owner.signInChallenge.updateMany({ data: { expiresAt: new Date(0) } });
    await signIn(ada.sign(asked[0] ?? ''));
    expect(await stored()).toBe(1);
  });

  it('refuses a user handle that is another person’s', async () => {
    const assertion = ada.sign(signInChallenge(SECRET)) as { response: object };
    const userHandle = Buffer.from('hum_somebody').toString('base64url');
    await expect(signIn({ ...assertion, response: { ...assertion.response, userHandle } })).rejects.toMatchObject(
      REFUSED,
    );
  });

  it('refuses a counter that stands still or goes back: a cloned key (T12)', async () => {
    const bob = await person(owner, { name: 'Bob' });
    await owner.keySignIn.create({ data: { keyId: bob.keyId, counter: 1_000n, usedAt: new Date() } });
    await expect(signIn(bob.sign(signInChallenge(SECRET)))).rejects.toMatchObject(REFUSED);
  });

  it('accepts an authenticator that keeps no counter', async () => {
    const eve = await person(owner, { name: 'Eve', authenticator: { signCounterIncrement: 0 } });
    for (const _time of ['first', 'second']) {
      await expect(signIn(eve.sign(signInChallenge(SECRET)))).resolves.toMatch(/^ses_/);
    }
  });

  it('refuses a disabled key and a disabled person (T66)', async () => {
    const dan = await person(owner, { name: 'Dan' });
    await owner.key.update({ where: { id: dan.keyId }, data: { state: 'disabled' } });
    await expect(signIn(dan.sign(signInChallenge(SECRET)))).rejects.toMatchObject(REFUSED);
    await owner.key.update({ where: { id: dan.keyId }, data: { state: 'active' } });
    await owner.human.update({ where: { id: dan.id }, data: { state: 'disabled' } });
    await expect(signIn(dan.sign(signInChallenge(SECRET)))).rejects.toMatchObject(REFUSED);
  });

  it.each([{ sent: null }, { sent: 7 }, { sent: 'text' }, { sent: {} }, { sent: [] }, { sent: { response: {} } }])(
    'refuses %j like everything else (T63)',
    async ({ sent: assertion }) => {
      await expect(signIn(assertion)).rejects.toMatchObject(REFUSED);
    },
  );
});

const userVerified = (assertion: unknown): boolean => {
  const { response } = assertion as { response: { authenticatorData: string } };
  return (Buffer.from(response.authenticatorData, 'base64url').readUInt8(32) & 0x04) !== 0;
};
