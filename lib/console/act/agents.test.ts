import { beforeAll, describe, expect, it } from 'vitest';
import { connect, type Db, listen } from '#lib/db';
import type { Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { agent, grant, person, request, target, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { deleteAgent, disableAgent, noteAgent } from './agents';

let owner: Db;
let viewer: Viewer;

beforeAll(async () => {
  const database = await freshDatabase();
  owner = connect(database.ownerUrl);
  const db = connect(database.webUrl);
  provideWeb({ db, listener: listen(database.webUrl), env: webEnvOf(database.webUrl) });
  const { id } = await person(owner, { role: 'owner' });
  viewer = { id, name: 'Ada', email: 'x@example.com', role: 'owner', sessionId: 'ses_x', method: 'key', bestKey: null };
});

/** An agent with one open request and a grant of every state, and what became of each. */
async function holder() {
  const { id } = await agent(owner, viewer.id);
  const targetId = (await target(owner)).id;
  await request(owner, { agentId: id, targetId }, { state: 'pending' });
  for (const state of ['ready', 'active'] as const)
    await grant(owner, { agentId: id, targetId, requestId: '' }, { state, kind: 'resting', requestId: null });
  const states = async () =>
    (await owner.grant.findMany({ where: { agentId: id } })).map(({ state, endReason }) => [state, endReason]);
  const asked = () => owner.request.findFirstOrThrow({ where: { agentId: id } });
  return { id, states, asked };
}

describe('what an agent asked and holds', () => {
  it.each<['disabled' | 'deleted', (id: string) => Promise<unknown>]>([
    ['disabled', (id) => disableAgent(viewer, id)],
    ['deleted', (id) => deleteAgent(viewer, id)],
  ])('is denied and ends when it is %s', async (what, stop) => {
    const { id, states, asked } = await holder();
    await stop(id);
    expect(await asked()).toMatchObject({
      state: 'denied',
      stateReason: `The agent was ${what}.`,
      decidedBy: viewer.id,
    });
    expect(await states()).toEqual([
      ['ending', 'revoked'],
      ['ending', 'revoked'],
    ]);
  });

  it('outlives another description', async () => {
    const { id, states } = await holder();
    await noteAgent(viewer, id, { description: 'Another.' });
    expect((await states()).flat()).not.toContain('ending');
  });
});
