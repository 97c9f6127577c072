import { beforeAll, describe, expect, it } from 'vitest';
import { connect, type Db, listen, transact } from '#lib/db';
import { invite, signInChallenge, signInWithKey } from '#lib/identity';
import type { GrantView, Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { agent, grant, person, request, target, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { web } from '../web';
import { readAgent, readAgents } from './agents';
import { readGrants } from './grants';
import { readPeople, readSettings, signInChoices } from './people';
import { readTargets } from './targets';

let db: Db;
let owner: Db;
let viewer: Viewer;

beforeAll(async () => {
  const database = await freshDatabase();
  db = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  const env = webEnvOf(database.webUrl);
  provideWeb({ db, listener: listen(database.webUrl), env });
  const ada = await person(owner);
  const relyingParty = { origin: env.webOrigin, rpId: env.rpId };
  const sessionId = await signInWithKey(db, {
    assertion: ada.sign(signInChallenge(env.sessionSecret)),
    secret: env.sessionSecret,
    relyingParty,
    userAgent: 'Firefox',
  });
  viewer = {
    id: ada.id,
    name: 'Ada',
    email: 'a@example.com',
    role: 'owner',
    sessionId,
    method: 'key',
    bestKey: 'claimed',
  };
});

describe('targets', () => {
  it('tell where they are and what can be asked, and nothing that opens them (T34)', async () => {
    await target(owner, { name: 'bookings', restReads: ['schema/public'] });
    const [view] = await readTargets(viewer);
    expect(view).toMatchObject({
      name: 'bookings',
      kind: 'postgres',
      restReads: ['schema/public'],
      exampleResources: ['schema/public'],
    });
    expect(view?.facts).toEqual(
      expect.arrayContaining([
        { label: 'Database', value: 'db.example:5432/app' },
        { label: 'TLS', value: 'On, certificate checked' },
        { label: 'Longest grant', value: '1 hour' },
      ]),
    );
    expect(JSON.stringify(view)).not.toContain('broker');
  });
});

describe('agents', () => {
  it('are listed with their owner and what they may read at rest, without the token’s hash', async () => {
    const bot = await agent(owner, viewer.id, { name: 'reader' });
    const database = await target(owner, { name: 'orders' });
    await owner.restAllowance.create({
      data: { agentId: bot.id, targetId: database.id, ttlSeconds: 600, chainHash: 'x' },
    });
    const listed = (await readAgents(viewer)).find(({ id }) => id === bot.id);
    expect(listed).toMatchObject({
      name: 'reader',
      owner: { name: 'Ada' },
      rests: [{ name: 'orders', ttlSeconds: 600 }],
    });
    expect(JSON.stringify(listed)).not.toContain(bot.tokenHash);
  });

  it('say when their secrets end soon, or have ended', async () => {
    const day = 86_400_000;
    for (const [days, secretsEnd] of [
      [-1, 'ended'],
      [13, 'soon'],
      [15, 'later'],
    ] as const) {
      const expiresAt = new Date(Date.now() + days * day);
      const bot = await agent(owner, viewer.id, { expiresAt });
      expect(await readAgent(viewer, bot.id)).toMatchObject({ agent: { secretsEnd } });
      const off = await agent(owner, viewer.id, { expiresAt, state: 'disabled' });
      expect(await readAgent(viewer, off.id)).toMatchObject({ agent: { secretsEnd: 'later' } });
    }
  });

  it('stay readable after deletion, and none is null', async () => {
    const bot = await agent(owner, viewer.id, { state: 'deleted' });
    expect((await readAgents(viewer)).map(({ id }) => id)).not.toContain(bot.id);
    expect(await readAgent(viewer, bot.id)).toMatchObject({ agent: { state: 'deleted' } });
    expect(await readAgent(viewer, 'agt_none')).toBeNull();
  });
});

describe('grants', () => {
  it('page through the ended ones, each once, newest first, beside everything that lives', async () => {
    const [bot, database] = [await agent(owner, viewer.id), await target(owner)];
    const of = { agentId: bot.id, targetId: database.id };
    const at = new Date('2026-01-01T00:00:00Z');
    for (let count = 0; count < 120; count += 1) {
      const { id: requestId } = await request(owner, of, { state: 'approved' });
      await grant(
        owner,
        { ...of, requestId },
        {
          state: 'ended',
          endReason: 'expired',
          proof: ['refused'],
          createdAt: new Date(at.getTime() + Math.floor(count / 3)),
        },
      );
    }
    const { id: requestId } = await request(owner, of, { state: 'approved' });
    const live = await grant(owner, { ...of, requestId });
    const seen: GrantView[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof readGrants>> = await readGrants(viewer, { cursor });
      if (cursor === null) expect(page.live.map(({ id }) => id)).toEqual([live.id]);
      else expect(page.live).toEqual([]);
      seen.push(...page.ended.items);
      cursor = page.ended.next;
    } while (cursor !== null);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(120);
    expect(seen).toHaveLength(120);
  });
});

describe('people', () => {
  it('are listed with their keys and open invitations, without codes or public keys', async () => {
    const { code } = await transact(db, (tx, now) =>
      invite(tx, now, viewer.id, { name: 'Zoe', email: 'zoe@example.com', role: 'approver' }),
    );
    const page = await readPeople(viewer);
    expect(page).toMatchObject({
      people: [{ name: 'Ada', keys: [{ label: 'Test key', state: 'active' }] }],
      invitations: [{ name: 'Zoe', role: 'approver' }],
    });
    const [key, invitation] = [await owner.key.findFirstOrThrow(), await owner.invitation.findFirstOrThrow()];
    for (const secret of [code, invitation.codeHash, key.publicKey]) expect(JSON.stringify(page)).not.toContain(secret);
  });

  it('see their own sessions, this one marked', async () => {
    expect((await readSettings(viewer))?.sessions).toEqual([
      expect.objectContaining({ id: viewer.sessionId, current: true, userAgent: 'Firefox', method: 'key' }),
    ]);
  });

  it('are offered the identity provider only where one is configured', () => {
    expect(signInChoices()).toMatchObject({ oidc: null });
    const { env, ...rest } = web();
    provideWeb({
      ...rest,
      env: { ...env, oidc: { issuer: 'https://id.example/realm', clientId: 'c', clientSecret: 's' } },
    });
    expect(signInChoices()).toMatchObject({ oidc: 'id.example' });
  });
});
