import { beforeAll, describe, expect, it } from 'vitest';
import { connect, type Db, listen } from '#lib/db';
import type { Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { agent, grant, person, request, target, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { changeAgent, newAgentToken } from './agents';

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

const JWK = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;

/** An agent with one grant of every state, and what became of each. */
async function holder() {
  const { id } = await agent(owner, viewer.id);
  const targetId = (await target(owner)).id;
  for (const state of ['ready', 'active'] as const)
    await grant(owner, { agentId: id, targetId, requestId: '' }, { state, kind: 'resting', requestId: null });
  const states = async () =>
    (await owner.grant.findMany({ where: { agentId: id } })).map(({ state, endReason }) => [state, endReason]);
  return { id, states };
}

const REVOKED = [
  ['ending', 'revoked'],
  ['ending', 'revoked'],
];

describe('what an agent holds', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['token', (id) => newAgentToken(viewer, id)],
    ['key', (id) => changeAgent(viewer, id, { publicJwk: JWK })],
  ])(
    'is denied what it asked when it is given another %s: somebody else would collect it (T82)',
    async (what, give) => {
      const { id } = await agent(owner, viewer.id);
      const asked = await request(owner, { agentId: id, targetId: (await target(owner)).id }, { state: 'pending' });
      await give(id);
      expect(await owner.request.findUniqueOrThrow({ where: { id: asked.id } })).toMatchObject({
        state: 'denied',
        stateReason: `The agent was given another ${what}.`,
        decidedBy: viewer.id,
      });
    },
  );

  it('ends with its ask token: whoever stole that may have collected too', async () => {
    const { id, states } = await holder();
    await newAgentToken(viewer, id);
    expect(await states()).toEqual(REVOKED);
  });

  it('ends with its key, and outlives a new name', async () => {
    const { id, states } = await holder();
    await changeAgent(viewer, id, { description: 'Another.' });
    expect((await states()).flat()).not.toContain('ending');
    await changeAgent(viewer, id, { publicJwk: JWK });
    expect(await states()).toEqual(REVOKED);
  });
});
