import { describe, expect, test } from 'vitest';
import { base64url } from '#lib/core';
import { type Ceremony, NO_MAKERS, type SoftKey, softKey, WRONG_CEREMONIES } from '#testing/security-key';
import { type Assertion, challengeOf, countedBack, verifyAssertion, verifyRegistration } from './index';
import type { Authenticator } from './webauthn';

const SIGN = { origin: 'https://sign.example.com', rpId: 'example.com' };
const challenge = challengeOf('{"a":1}');
const text = base64url(challenge);
const key = softKey(SIGN);

const register = (how: Ceremony = {}, of = key) =>
  verifyRegistration({
    registration: of.register(text, how),
    ...{ challenge, relyingParty: SIGN, makers: NO_MAKERS, now: new Date() },
  });
const authenticator = async (how: Ceremony = {}, of = key): Promise<Authenticator> => ({
  ...(await register(how, of)),
  counter: 0n,
});
const refused = { code: 'statement_refused' };

/** What somebody sends who has seen a key's id and not its secret. */
const forgedBy = (other: SoftKey) => (made: Assertion) => ({
  ...other.assert(text, { counter: 6 }),
  id: made.id,
  rawId: made.rawId,
});

describe('an assertion', () => {
  test('of this key over this challenge on this origin holds, and tells its counter', async () => {
    const result = await verifyAssertion({
      assertion: key.assert(text, { counter: 5 }),
      authenticator: await authenticator(),
      challenge,
      relyingParty: SIGN,
    });
    expect(result).toEqual({ counter: 5n });
  });

  test.each([...WRONG_CEREMONIES, ['as a registration (T6)', { type: 'webauthn.create' }]] as const)(
    '%s is refused',
    async (_name, how) => {
      const input = {
        assertion: key.assert(text, how),
        authenticator: await authenticator(),
        challenge,
        relyingParty: SIGN,
      };
      await expect(verifyAssertion(input)).rejects.toMatchObject(refused);
    },
  );

  test('over another challenge is refused (T7)', async () => {
    const assertion = key.assert(base64url(challengeOf('{"a":2}')));
    await expect(
      verifyAssertion({ assertion, authenticator: await authenticator(), challenge, relyingParty: SIGN }),
    ).rejects.toMatchObject(refused);
  });

  test('by another key is refused, also under this key’s name', async () => {
    const assertion = softKey(SIGN).assert(text);
    const input = { authenticator: await authenticator(), challenge, relyingParty: SIGN };
    await expect(verifyAssertion({ ...input, assertion })).rejects.toMatchObject(refused);
    await expect(
      verifyAssertion({ ...input, assertion: { ...assertion, id: key.credentialId, rawId: key.credentialId } }),
    ).rejects.toMatchObject(refused);
  });

  test.each(['clientDataJSON', 'authenticatorData', 'signature'] as const)(
    'with one changed byte of %s is refused',
    async (part) => {
      const assertion = key.assert(text);
      const bytes = Buffer.from(assertion.response[part], 'base64url');
      for (const at of [0, 20, bytes.length - 1]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const input = {
          assertion: { ...assertion, response: { ...assertion.response, [part]: base64url(changed) } },
          authenticator: await authenticator(),
          challenge,
          relyingParty: SIGN,
        };
        await expect(verifyAssertion(input)).rejects.toMatchObject(refused);
      }
    },
  );

  test.each([
    [7n, 7],
    [7n, 6],
    [7n, 0],
  ])('with a counter that was %s and is %s comes from a copy (T12)', async (counter, now) => {
    const input = {
      assertion: key.assert(text, { counter: now }),
      authenticator: { ...(await authenticator()), counter },
      challenge,
      relyingParty: SIGN,
    };
    await expect(verifyAssertion(input)).rejects.toMatchObject(refused);
  });

  test.each([
    ['a lower counter and nothing else', 6, (made: Assertion) => made, true],
    ['a counter that stands still', 7, (made: Assertion) => made, true],
    ['a lower counter under another key’s signature', 6, forgedBy(softKey(SIGN)), false],
  ])('tells a copied key by %s', async (_case, counter, changed, copied) => {
    const input = {
      assertion: changed(key.assert(text, { counter })),
      authenticator: { ...(await authenticator()), counter: 7n },
      challenge,
      relyingParty: SIGN,
    };
    const error: Error = await verifyAssertion(input).then(
      () => new Error('it was taken'),
      (cause: Error) => cause,
    );
    expect([error.message === 'it was taken', countedBack(error)]).toEqual([false, copied ? BigInt(counter) : null]);
  });

  test('by a key that was bound to its hardware and is backup-eligible now is refused (T11)', async () => {
    const input = {
      assertion: key.assert(text, { synced: true }),
      authenticator: await authenticator(),
      challenge,
      relyingParty: SIGN,
    };
    await expect(verifyAssertion(input)).rejects.toMatchObject(refused);
    const synced = softKey(SIGN, { synced: true });
    const known = await authenticator({}, synced);
    expect(known.class).toBe('synced');
    await expect(
      verifyAssertion({ assertion: synced.assert(text), authenticator: known, challenge, relyingParty: SIGN }),
    ).resolves.toBeDefined();
  });

  test('refused says the same whatever was wrong, and quotes neither challenge nor origin', async () => {
    const words = new Set<string>();
    for (const [, how] of WRONG_CEREMONIES) {
      const input = {
        assertion: key.assert(text, how),
        authenticator: await authenticator(),
        challenge,
        relyingParty: SIGN,
      };
      await verifyAssertion(input).catch((error: Error) => words.add(error.message));
    }
    expect(words.size).toBe(1);
    expect([...words][0]).not.toContain('example');
  });
});
