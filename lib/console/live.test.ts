import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append } from '#lib/audit';
import { connect, type Db, type Listener, listen, transact } from '#lib/db';
import { endSession, signInChallenge, signInWithKey } from '#lib/identity';
import type { Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { agent, grant, person, request, target, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { lastEvent, liveEvents } from './live';
import { readStatus } from './read/status';

let db: Db;
let owner: Db;
let listener: Listener;
let viewer: Viewer;
let adaId: string;

beforeAll(async () => {
  const database = await freshDatabase();
  db = connect(database.webUrl);
  owner = connect(database.ownerUrl);
  listener = listen(database.webUrl);
  const env = webEnvOf(database.webUrl);
  provideWeb({ db, listener, env });
  const ada = await person(owner);
  adaId = ada.id;
  const relyingParty = { origin: env.webOrigin, rpId: env.rpId };
  const sessionId = await signInWithKey(db, {
    assertion: ada.sign(signInChallenge(env.sessionSecret)),
    secret: env.sessionSecret,
    relyingParty,
    userAgent: '',
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
afterAll(() => listener.close());

const decoder = new TextDecoder();

/** Reads until the text holds the words; fails by the test's own time limit where it never does. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, words: string): Promise<string> {
  let text = '';
  while (!text.includes(words)) {
    const { done, value } = await reader.read();
    if (done) return `${text}<end>`;
    text += decoder.decode(value);
  }
  return text;
}

describe('live events', () => {
  it('say the status first, then every change to every open page at once', async () => {
    const readers = [liveEvents(viewer), liveEvents(viewer)].map((stream) => stream.getReader());
    for (const reader of readers)
      expect(await readUntil(reader, '\n\n')).toMatch(/^event: status\ndata: \{"warden":"silent"/);
    const { id } = await agent(owner, adaId);
    for (const reader of readers)
      expect(await readUntil(reader, id)).toContain(`event: change\ndata: {"table":"agents","id":"${id}"}\n\n`);
    await Promise.all(readers.map((reader) => reader.cancel()));
  });

  it('say first what changed between the drawing of a page and the opening of its stream', async () => {
    const mark = await lastEvent();
    const quiet = liveEvents(viewer, { since: mark }).getReader();
    expect(await readUntil(quiet, '\n\n')).not.toContain('event: change');
    await quiet.cancel();
    await transact(owner, (tx, at) => append(tx, { kind: 'gateway.read', actor: adaId, at, data: { operations: {} } }));
    const reads = liveEvents(viewer, { since: mark, heartbeatMs: 50 }).getReader();
    expect(await readUntil(reads, ': still here')).not.toContain('event: change');
    await reads.cancel();
    await transact(owner, (tx, at) => append(tx, { kind: 'request.prepared', actor: 'warden', at, data: {} }));
    const reader = liveEvents(viewer, { since: mark }).getReader();
    expect(await readUntil(reader, 'change')).toContain('event: change\ndata: {"table":null,"id":null}');
    await reader.cancel();
  });

  it('say the status again when it changes', async () => {
    const reader = liveEvents(viewer).getReader();
    await readUntil(reader, 'silent');
    await owner.wardenStatus.create({
      data: { id: 1, pulseAt: new Date(), startedAt: new Date(), clockSkewMs: 0, alarms: [] },
    });
    expect(await readUntil(reader, 'running')).toContain('event: status');
    await reader.cancel();
  });

  it('end when the session does, and a heartbeat does not keep it alive', async () => {
    const { lastSeenAt } = await db.session.findUniqueOrThrow({ where: { id: viewer.sessionId } });
    const reader = liveEvents(viewer, { heartbeatMs: 50 }).getReader();
    await readUntil(reader, ': still here');
    expect((await db.session.findUniqueOrThrow({ where: { id: viewer.sessionId } })).lastSeenAt).toEqual(lastSeenAt);
    await transact(db, (tx, now) => endSession(tx, now, { sessionId: viewer.sessionId, humanId: viewer.id }));
    expect(await readUntil(reader, 'never comes')).toMatch(/<end>$/);
  });
});

describe('the status', () => {
  it('calls a warden silent whose pulse is older than ten seconds', async () => {
    const pulse = (seconds: number) =>
      owner.wardenStatus.upsert({
        where: { id: 1 },
        create: { id: 1, pulseAt: new Date(), startedAt: new Date(), clockSkewMs: 0, alarms: [] },
        update: {
          pulseAt: new Date(Date.now() - seconds * 1_000),
          alarms: [{ code: 'clock', text: 'The clock is off.', since: '2026-01-01T00:00:00.000Z' }],
        },
      });
    await pulse(1);
    expect(await readStatus()).toMatchObject({ warden: 'running', alarms: [{ code: 'clock' }] });
    await pulse(12);
    expect(await readStatus()).toMatchObject({ warden: 'silent' });
  });

  it('counts what waits, what lives and what is still live past its end (P5)', async () => {
    const [bot, database] = [await agent(owner, adaId), await target(owner)];
    const of = { agentId: bot.id, targetId: database.id };
    await request(owner, of);
    const hold = async (data: object) =>
      grant(owner, { ...of, requestId: (await request(owner, of, { state: 'approved' })).id }, data);
    await hold({});
    await hold({ state: 'ending', endReason: 'revoked', endingAt: new Date(), trouble: 'A session is left.' });
    await hold({ expiresAt: new Date(Date.now() - 60_000) });
    await hold({ state: 'ended', endReason: 'expired', proof: ['refused'] });
    const { counts, has } = await readStatus();
    expect(counts).toEqual({ pending: 1, live: 3, stillLive: 2 });
    expect(has).toEqual({
      target: true,
      agent: true,
      request: true,
      hardwareKey: expect.any(Boolean),
      productionKey: expect.any(Boolean),
    });
  });
});
