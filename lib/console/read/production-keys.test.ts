import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Db, listen, Prisma } from '#lib/db';
import type { Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { person, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { acceptsClaimed, readProductionKeys } from './production-keys';
import { readStatus } from './status';

let web: Db;
let owner: Db;
let viewer: Viewer;

beforeAll(async () => {
  const database = await freshDatabase();
  web = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  provideWeb({ db: web, listener: listen(database.webUrl), env: webEnvOf(database.webUrl) });
  const { id } = await person(owner);
  await owner.key.updateMany({ where: { humanId: id }, data: { class: 'claimed' } });
  const known = { id, name: 'Ada', email: 'a@example.com', role: 'owner', sessionId: 'x', method: 'key' } as const;
  viewer = { ...known, bestKey: 'claimed' };
});

let seq = 0;
const entry = (kind: string, statement: object) => {
  seq += 1;
  const row = { seq, hash: String(seq), kind, statement: JSON.stringify(statement), assertion: Prisma.DbNull };
  return owner.chainEntry.create({ data: { ...row, createdAt: new Date() } });
};
const says = (makers: object, pulseAt = new Date(), alarms: object[] = []) => {
  const status = { pulseAt, startedAt: pulseAt, clockSkewMs: 0, alarms, makers };
  return owner.wardenStatus.upsert({ where: { id: 1 }, create: { id: 1, ...status }, update: status });
};

beforeEach(async () => {
  await owner.$executeRawUnsafe('ALTER TABLE chain DISABLE TRIGGER ALL');
  await owner.$executeRawUnsafe('DELETE FROM chain');
  seq = 0;
});

const has = async () => (await readStatus()).has;

describe('which keys production takes', () => {
  it('is nothing before there is a chain, and no key is promised anything', async () => {
    expect(await readProductionKeys(viewer)).toBeNull();
    expect(await acceptsClaimed(web)).toBe(false);
  });

  it.each([
    [{ acceptsClaimed: true }, { acceptsClaimed: true, asked: true }],
    [{ acceptsClaimed: false }, { acceptsClaimed: false, asked: true }],
    [{}, { acceptsClaimed: false, asked: false }],
  ])('is what the first entry says: %j', async (answer, shown) => {
    await entry('installation.set_up', { human: { name: 'Ada' }, ...answer });
    expect(await readProductionKeys(viewer)).toMatchObject({ by: 'Ada', ...shown });
    expect(await has()).toMatchObject({ hardwareKey: true, productionKey: shown.acceptsClaimed });
  });

  it('is told with whose recovery code works, and whether a key waits on it, as the warden says now', async () => {
    const recovery = { id: 'key_code' };
    await entry('installation.set_up', { human: { name: 'Ada' }, recovery });
    const waits = [{ code: 'recovery_begun', text: '', since: new Date() }];
    await says({}, new Date(), waits);
    expect(await readProductionKeys(viewer)).toMatchObject({ recovery: { keyId: 'key_code', of: 'Ada', waits: true } });
    await says({}, new Date(Date.now() - 60_000), waits);
    expect(await readProductionKeys(viewer)).toMatchObject({ recovery: { of: 'Ada', waits: false } });
    await entry('key.disable', { key: { id: 'key_1' }, disabled: { id: 'key_2' } });
    expect(await readProductionKeys(viewer)).toMatchObject({ recovery: { of: 'Ada' } });
    await entry('key.disable', { key: { id: 'key_1' }, disabled: recovery });
    expect(await readProductionKeys(viewer)).toMatchObject({ recovery: null });
  });

  it('is told without a recovery code once it was used', async () => {
    await entry('installation.set_up', { human: { name: 'Ada' }, recovery: { id: 'key_code' } });
    await entry('key.enroll', { key: { id: 'key_code' } });
    expect(await readProductionKeys(viewer)).toMatchObject({ recovery: null });
  });

  it('is what an owner decided last', async () => {
    await entry('installation.set_up', { human: { name: 'Ada' }, acceptsClaimed: true });
    await entry('keys.accept', { acceptsClaimed: false, approver: { name: 'Grace' } });
    expect(await readProductionKeys(viewer)).toMatchObject({ by: 'Grace', acceptsClaimed: false, asked: true });
    await entry('keys.accept', { acceptsClaimed: true, approver: { name: 'Ada' } });
    expect(await readProductionKeys(viewer)).toMatchObject({ by: 'Ada', acceptsClaimed: true });
  });
});

describe('by whose word a key is proven', () => {
  beforeEach(() => entry('installation.set_up', { human: { name: 'Ada' }, acceptsClaimed: false }));
  const makers = async () => (await readProductionKeys(viewer))?.makers;
  const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

  it('is told as the warden said it, with the age of FIDO’s metadata', async () => {
    await says({ roots: 2, metadata: null });
    expect(await makers()).toEqual({ roots: 2, metadata: null });
    await says({ roots: 0, metadata: { number: 7, nextUpdate: day(3) } });
    expect(await makers()).toMatchObject({ metadata: { number: 7, overdueDays: 0 } });
    await says({ roots: 0, metadata: { number: 7, nextUpdate: day(-3) } });
    expect(await makers()).toMatchObject({ metadata: { overdueDays: 3 } });
  });

  it('is not told while the warden is silent, or says what nobody can read', async () => {
    await says({ roots: 2, metadata: null }, new Date(Date.now() - 60_000));
    expect(await makers()).toBeNull();
    await says({ roots: 'many' });
    expect(await makers()).toBeNull();
  });
});
