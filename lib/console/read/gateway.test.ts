import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Db, listen } from '#lib/db';
import type { Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { person, target, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { gatewayState, readGateway } from './gateway';
import { readTargets } from './targets';

const [FIRST, SECOND] = ['A'.repeat(43), 'B'.repeat(43)];

let web: Db;
let owner: Db;
let viewer: Viewer;
let railway: string;

beforeAll(async () => {
  const database = await freshDatabase();
  web = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  provideWeb({ db: web, listener: listen(database.webUrl), env: webEnvOf(database.webUrl) });
  const { id } = await person(owner);
  viewer = {
    id,
    name: 'Ada',
    email: 'a@example.com',
    role: 'owner',
    sessionId: 'x',
    method: 'key',
    bestKey: 'claimed',
  };
  await target(owner, { name: 'bookings' });
  expect(await gatewayState(web, new Date())).toBe('none');
  const { id: added } = await target(owner, { name: 'railway' });
  await owner.target.update({ where: { id: added }, data: { kind: RAILWAY.kind, config: RAILWAY } });
  railway = added;
});

const RAILWAY = {
  kind: 'http',
  name: 'railway',
  environment: 'production',
  maxTtlSeconds: 3_600,
  soleOwnerMayApprove: true,
  url: 'https://api.example/',
  profile: 'generic-http',
  secretIn: { place: 'bearer' },
  opens: [],
  closes: [],
  privateNetwork: false,
  maxBodyBytes: 1_048_576,
  outageSeconds: 60,
  refuseUnknown: false,
};

let seq = 0;
/** Writes an entry as web finds it: it checks no signature of it. */
async function entry(kind: string, statement: object): Promise<void> {
  seq += 1;
  const row = { seq, hash: `hash-${seq}`, kind, statement: JSON.stringify(statement) };
  await owner.chainEntry.create({ data: row });
}

const says = (gateway: object, pulseAt = new Date()) =>
  owner.wardenStatus.upsert({
    where: { id: 1 },
    create: { id: 1, pulseAt, startedAt: pulseAt, clockSkewMs: 0, alarms: [], gateway },
    update: { pulseAt, gateway },
  });

beforeEach(() => owner.gatewayInstance.deleteMany());

const copy = (id: string, secondsAgo: number) =>
  owner.gatewayInstance.create({
    data: { id, body: '', signature: '', nonce: '', seenAt: new Date(Date.now() - secondsAgo * 1_000) },
  });

describe('the gateway, as the console shows it', () => {
  it('is told to owners alone', async () => {
    for (const role of ['approver', 'reviewer'] as const) expect(await readGateway({ ...viewer, role })).toBeNull();
  });

  it('has the key of the first entry, by who set up, and nothing to type again', async () => {
    await entry('genesis', { gateway: FIRST, human: { name: 'Ada' } });
    await entry('target.add', { targetId: railway });
    await says({ file: FIRST, copies: ['gwi_a'] });
    await Promise.all([copy('gwi_a', 0), copy('gwi_b', 0), copy('gwi_c', 60), copy('gwi_d', 7_200)]);
    const view = await readGateway(viewer);
    expect(view).toMatchObject({
      key: { thumbprint: FIRST, by: 'Ada', first: true },
      file: FIRST,
      targets: [{ name: 'railway' }],
      typeAgain: [],
    });
    const copies = (view?.copies ?? []).map(({ id, state, believed }) => [id, state, believed]).sort();
    expect(copies).toEqual([
      ['gwi_a', 'running', true],
      ['gwi_b', 'running', false],
      ['gwi_c', 'silent', false],
    ]);
  });

  it('is silent for the frame of every page once no copy has spoken for ten seconds', async () => {
    await copy('gwi_a', 60);
    expect(await gatewayState(web, new Date())).toBe('silent');
    await copy('gwi_b', 1);
    expect(await gatewayState(web, new Date())).toBe('running');
  });

  it('does not repeat what a warden said that is silent now', async () => {
    await says({ file: SECOND, copies: [] }, new Date(Date.now() - 60_000));
    await copy('gwi_a', 0);
    expect(await readGateway(viewer)).toMatchObject({ file: undefined, copies: [{ believed: null }] });
  });

  it('after a change of key wants every secret typed again, until it is; keeping one is not typing it', async () => {
    await entry('gateway.replace', { thumbprint: SECOND, before: FIRST, approver: { name: 'Grace' } });
    await says({ file: SECOND, copies: [] });
    expect(await readGateway(viewer)).toMatchObject({
      key: { thumbprint: SECOND, by: 'Grace', first: false },
      typeAgain: [{ name: 'railway' }],
    });
    const marked = async () => (await readTargets(viewer)).filter(({ typeAgain }) => typeAgain).map(({ name }) => name);
    expect(await marked()).toEqual(['railway']);
    await entry('target.renew', { targetId: railway, secret: 'kept' });
    expect(await marked()).toEqual(['railway']);
    await entry('target.renew', { targetId: railway, secret: 'replaced' });
    expect(await marked()).toEqual([]);
    expect(await readGateway(viewer)).toMatchObject({ typeAgain: [] });
  });
});
