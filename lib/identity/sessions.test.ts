import { beforeAll, describe, expect, it } from 'vitest';
import { connect, type Db, transact } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { type Person, person } from '#testing/people';
import { endSession, openSession, openSessionsOf, startSession } from './sessions';

let web: Db;
let owner: Db;
let ada: Person;

beforeAll(async () => {
  const database = await freshDatabase();
  web = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  ada = await person(owner);
});

const start = (humanId = ada.id): Promise<string> =>
  transact(web, (tx, now) => startSession(tx, now, { humanId, method: 'key', userAgent: 'test', proof: {} }));

/** Moves a session into the past, as if that long had gone by. */
const age = (id: string, column: 'expires_at' | 'last_seen_at', minutes: number) =>
  owner.$executeRawUnsafe(
    `UPDATE sessions SET ${column} = ${column} - interval '${minutes} minutes' WHERE id = $1`,
    id,
  );

describe('a session', () => {
  it('is open for twelve hours and not a minute more', async () => {
    const id = await start();
    await age(id, 'expires_at', 12 * 60 - 1);
    expect(await openSession(web, id)).not.toBeNull();
    await age(id, 'expires_at', 1);
    expect(await openSession(web, id)).toBeNull();
  });

  it('is over after an hour without use', async () => {
    const id = await start();
    await age(id, 'last_seen_at', 59);
    expect(await openSession(web, id, { touch: false })).not.toBeNull();
    await age(id, 'last_seen_at', 1);
    expect(await openSession(web, id)).toBeNull();
  });

  it('is kept alive by use, and written to at most once a minute', async () => {
    const id = await start();
    const seen = async () => (await owner.session.findUniqueOrThrow({ where: { id } })).lastSeenAt.getTime();
    const before = await seen();
    await openSession(web, id);
    expect(await seen()).toBe(before);
    await age(id, 'last_seen_at', 59);
    await openSession(web, id);
    expect(await seen()).toBeGreaterThanOrEqual(before);
  });

  it('is not kept alive by being watched', async () => {
    const id = await start();
    await age(id, 'last_seen_at', 30);
    const { lastSeenAt } = await owner.session.findUniqueOrThrow({ where: { id } });
    await openSession(web, id, { touch: false });
    expect((await owner.session.findUniqueOrThrow({ where: { id } })).lastSeenAt).toEqual(lastSeenAt);
  });

  it('is over at once when it is ended, and only its own person ends it (T46)', async () => {
    const id = await start();
    const eve = await person(owner, { name: 'Eve' });
    expect(await transact(web, (tx, now) => endSession(tx, now, { sessionId: id, humanId: eve.id }))).toBe(false);
    expect(await openSession(web, id)).not.toBeNull();
    expect(await transact(web, (tx, now) => endSession(tx, now, { sessionId: id, humanId: ada.id }))).toBe(true);
    expect(await openSession(web, id)).toBeNull();
    expect(await openSessionsOf(web, ada.id)).not.toContainEqual(expect.objectContaining({ id }));
  });

  it('is over at once for a disabled person, and has the role its row has now (T66)', async () => {
    const bob = await person(owner, { name: 'Bob', role: 'owner' });
    const id = await start(bob.id);
    await owner.human.update({ where: { id: bob.id }, data: { role: 'reviewer' } });
    expect(await openSession(web, id)).toMatchObject({ role: 'reviewer' });
    await owner.human.update({ where: { id: bob.id }, data: { state: 'disabled' } });
    expect(await openSession(web, id)).toBeNull();
  });

  it('tells the best class among active keys only', async () => {
    const cleo = await person(owner, { name: 'Cleo' });
    const id = await start(cleo.id);
    await owner.key.update({ where: { id: cleo.keyId }, data: { class: 'claimed' } });
    expect(await openSession(web, id)).toMatchObject({ bestKey: 'claimed' });
    await owner.key.update({ where: { id: cleo.keyId }, data: { state: 'disabled' } });
    expect(await openSession(web, id)).toMatchObject({ bestKey: null });
  });
});
