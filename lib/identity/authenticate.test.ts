import { beforeAll, expect, test } from 'vitest';
import { checksummedToken, sha256Base64url } from '#lib/core';
import { type Agent, connect, type Db } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { agent, person } from '#testing/people';
import { authenticateAgent } from './index';

/* Whose call web takes for an agent's, by its row. */

let web: Db;
let owner: Db;
let humanId: string;

beforeAll(async () => {
  const database = await freshDatabase();
  web = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  humanId = (await person(owner)).id;
});

const HOUR_AGO = new Date(Date.now() - 3_600_000);
const IN_AN_HOUR = new Date(Date.now() + 3_600_000);

async function holder(data: Partial<Agent> = {}) {
  const token = checksummedToken('ask');
  const { id } = await agent(owner, humanId, { tokenHash: sha256Base64url(token), ...data });
  return { id, token };
}

const authenticate = (token: string) => authenticateAgent(web, `Bearer ${token}`);

test('an ask token stands for its agent until it ends', async () => {
  const [counts, over] = [await holder({ expiresAt: IN_AN_HOUR }), await holder({ expiresAt: HOUR_AGO })];
  expect((await authenticate(counts.token)).agent.id).toBe(counts.id);
  await expect(authenticate(over.token)).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringMatching(/^This token ended on .* Ask the agent’s owner for a new one\.$/),
  });
});

test('the token before a renewal counts until its own end', async () => {
  for (const [previousUntil, counts] of [
    [IN_AN_HOUR, true],
    [HOUR_AGO, false],
  ] as const) {
    const before = checksummedToken('ask');
    await holder({ previousTokenHash: sha256Base64url(before), previousUntil });
    expect(
      await authenticate(before).then(
        () => true,
        () => false,
      ),
    ).toBe(counts);
  }
});

test('one that is off is nobody, in the same words as one that never was', async () => {
  const words = new Set<string>();
  for (const token of [(await holder({ state: 'disabled' })).token, checksummedToken('ask')])
    await authenticate(token).catch(({ message }: Error) => words.add(message));
  expect([...words]).toEqual(['No active agent has this token. Ask its owner for a new one.']);
});

test('a collect secret that comes to web is called what it is, and opens nothing', async () => {
  await expect(authenticate(checksummedToken('col'))).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringMatching(/^This is a collect secret.*It was seen here/),
  });
  await expect(authenticate(`${checksummedToken('ask')}x`)).rejects.toMatchObject({
    message: expect.stringContaining('mistyped or cut off'),
  });
});
