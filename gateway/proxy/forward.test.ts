import { request as raw } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import {
  addUpstream,
  type CastUpstream,
  type Cloud,
  graphqlConfig,
  graphqlUpstream,
  httpConfig,
  httpUpstream,
} from '#testing/provider';
import {
  allowRest,
  approve,
  call,
  callWarden,
  change,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  type TestAgent,
} from '#testing/warden';

/*
 * The whole gateway over a real database and providers that speak their real
 * protocols: what an agent's ordinary client sees.
 */

let house: House;
let cloud: CastUpstream<Cloud>;
let rest: Awaited<ReturnType<typeof httpUpstream>>;
let agent: TestAgent;
let stranger: TestAgent;
let cloudId: string;
let restId: string;

beforeAll(async () => {
  house = await openHouse();
  cloud = await graphqlUpstream();
  rest = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  agent = await newAgent(house);
  stranger = await newAgent(house);
  cloudId = await addUpstream(
    house,
    graphqlConfig(cloud.url, {
      profile: 'generic-graphql',
      opens: ['query me', 'query projects', 'query volumeInstance'],
    }),
    cloud.secret,
  );
  restId = await addUpstream(
    house,
    httpConfig(rest.url, { opens: ['GET /v1/things', 'GET /v1/things/**'] }),
    rest.secret,
  );
  for (const targetId of [cloudId, restId]) await allowRest(house, agent, targetId);
});
afterAll(async () => {
  await Promise.all([cloud.close(), rest.close()]);
  await house.close();
});
beforeEach(async () => {
  await house.fresh();
  for (const id of ['vol_b', 'vol_c', 'vol_d', 'vol_e']) cloud.world.volumes.set(id, { name: id });
  for (const provider of [cloud, rest]) {
    provider.received.length = 0;
    provider.changes.length = 0;
  }
});

const graphql = (
  query: string,
  {
    token = agent.token,
    headers = {},
    ...body
  }: { token?: string; headers?: Record<string, string>; variables?: object } = {},
) =>
  call(house, '/t/railway', {
    token,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, ...body }),
  });

const DELETE = 'mutation Clean($id: String!) { volumeDelete(volumeId: $id) }';

/** What reached a provider but the warden's own looking around. */
const arrived = ({ received }: { readonly received: readonly string[] }): string[] =>
  received.filter((one) => !/__schema|"\{\\n {2}__typename\\n\}"|^GET \/$/.test(one));

/** A path as no client sends it. */
function rawStatus(path: string): Promise<number> {
  const { port, host } = new URL(house.origins.gateway);
  const headers = { host, authorization: `Bearer ${agent.token}` };
  return new Promise((resolve, reject) => {
    raw({ host: '127.0.0.1', port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

/** The request, once the warden has looked at it. */
async function prepared(requestId: string): Promise<void> {
  const state = async () => (await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).state;
  await expect.poll(state, { timeout: 10_000 }).toBe('pending');
}

/** A grant for one verb of the generic profile, collected. */
async function granted(
  targetId: string,
  ask: { resources: string[]; verbs: string[]; maxUses?: number },
): Promise<{ grantId: string; token: string }> {
  const grantId = await approve(house, await file(house, agent, targetId, ask));
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, token: body.credential.accessToken };
}

describe('At rest', () => {
  test('a safe read passes with the provider’s secret, printed from what was classified, and nothing of the agent’s', async () => {
    const answer = await graphql('# hello\nquery Q { a: me { id }   projects { edges { node { name } } } }', {
      headers: { cookie: 'cs_session=x', 'x-forwarded-for': '1.2.3.4', 'user-agent': 'bot/1' },
    });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ a: { id: 'usr_1' }, projects: { edges: [{ node: { name: 'rentals' } }] } });
    const [passed, ...more] = arrived(cloud);
    expect(more).toEqual([]);
    expect(passed).not.toContain('hello');
    expect(answer.text).not.toContain(cloud.secret);
  });

  test('to a browser the answer is nothing that runs, and sets nothing', async () => {
    const { headers } = await graphql('{ me { id } }');
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each([
    ['a mutation', '{ __typename }', 'mutation { volumeDelete(volumeId: "vol_prod") }'],
    ['a read nobody named', '', '{ project(id: "prj_1") { id } }'],
    ['a secret behind an alias', '', '{ me { id } x: variables(projectId: "1", environmentId: "2") }'],
    ['a write beside a read', '', 'mutation M { a: volumeDelete(volumeId: "vol_prod") __typename }'],
    [
      'a suspicious field below a safe root',
      '',
      '{ volumeInstance(id: "ins_prod") { environment { variables { edges { node { name } } } } } }',
    ],
  ])('%s does not pass, and nothing reaches the provider', async (_name, _before, query) => {
    const answer = await graphql(query);
    expect(answer.status).toBe(403);
    expect(answer.body.errors[0].extensions.code).toBe('ELEVATION_REQUIRED');
    expect(arrived(cloud)).toEqual([]);
  });

  test('an agent no owner has allowed reads nothing, and is told so (decision 0002)', async () => {
    const answer = await graphql('{ me { id } }', { token: stranger.token });
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('no owner has let this agent read here');
    expect(arrived(cloud)).toEqual([]);
  });

  test('a target that is not there and one without a token are a closed door', async () => {
    expect((await call(house, '/t/nothing', { token: agent.token })).status).toBe(404);
    expect((await call(house, '/t/railway', {})).status).toBe(401);
    expect((await call(house, '/t/railway', { token: 'cs_ask_wrong' })).status).toBe(401);
    expect((await call(house, '/t/internal-api/v1/things', { method: 'GET' })).status).toBe(401);
  });

  test('HTTP reads pass by path, and their neighbours do not', async () => {
    const get = (path: string) => call(house, `/t/internal-api${path}`, { method: 'GET', token: agent.token });
    expect((await get('/v1/things')).body).toEqual([{ id: 1 }]);
    expect((await get('/v1/thing')).status).toBe(403);
    expect((await get('/v1/things?_method=DELETE')).status).toBe(403);
    expect(await rawStatus('/t/internal-api/v1/things/%2e%2e/user')).toBe(400);
    expect(await rawStatus('/t/internal-api/v1/things/..%2fuser')).toBe(400);
    expect(await rawStatus('/t/internal-api//v1/things')).toBe(400);
    expect((await get('/user')).status).toBe(403);
    expect(arrived(rest)).toEqual(['GET /v1/things']);
  });

  test('reads are recorded in batches, by operation and count', async () => {
    await Promise.all(Array.from({ length: 5 }, () => graphql('{ me { id } }')));
    await expect
      .poll(async () => {
        const events = await house.owner.auditEvent.findMany({ where: { kind: 'gateway.read', agentId: agent.id } });
        return events
          .map(({ body }) => JSON.parse(body).data.operations['query me'] ?? 0)
          .reduce((sum: number, one: number) => sum + one, 0);
      })
      .toBeGreaterThanOrEqual(5);
  });
});

describe('A scope grant', () => {
  test('lets its own operation through, each use counted and recorded before it goes out, and the last one ends it', async () => {
    const { grantId, token } = await granted(cloudId, {
      resources: ['mutation/volumeUpdate'],
      verbs: ['run'],
      maxUses: 2,
    });
    const rename = 'mutation { volumeUpdate(volumeId: "vol_stag", input: { name: "b" }) { name } }';
    expect((await graphql(rename, { token })).body.data).toEqual({ volumeUpdate: { name: 'b' } });
    expect((await graphql('mutation { volumeDelete(volumeId: "vol_stag") }', { token })).status).toBe(403);
    expect((await graphql(rename, { token })).status).toBe(200);
    expect((await graphql(rename, { token })).status).toBe(410);
    expect(cloud.changes).toEqual(['volumeUpdate vol_stag', 'volumeUpdate vol_stag']);
    const used = await house.owner.auditEvent.count({ where: { kind: 'grant.used', grantId } });
    expect(used).toBe(2);
    // The warden copies the count, and ends what is spent.
    await expect
      .poll(() => house.owner.grant.findUniqueOrThrow({ where: { id: grantId } }))
      .toMatchObject({ uses: 2, endReason: 'spent' });
  });

  test('of ten uses exactly ten of a hundred parallel calls pass (T64)', async () => {
    const { token } = await granted(restId, { resources: ['path/v1/things/7'], verbs: ['put'], maxUses: 10 });
    const put = () =>
      call(house, '/t/internal-api/v1/things/7', {
        method: 'PUT',
        token,
        headers: { 'content-type': 'application/json' },
        body: '{"n":1}',
      });
    const answers = await Promise.all(Array.from({ length: 100 }, put));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(rest.changes).toHaveLength(10);
  });

  test('is worth nothing once it is revoked, at the next call', async () => {
    const { grantId, token } = await granted(cloudId, { resources: ['mutation/volumeUpdate'], verbs: ['run'] });
    const rename = 'mutation { volumeUpdate(volumeId: "vol_stag", input: { name: "c" }) { name } }';
    expect((await graphql(rename, { token })).status).toBe(200);
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    expect((await graphql(rename, { token })).status).toBe(410);
    expect(cloud.changes).toHaveLength(1);
  });

  test('is for its own target and its own agent (T26, T46)', async () => {
    const { token } = await granted(restId, { resources: ['path/v1/things/9'], verbs: ['put'] });
    expect((await graphql('{ me { id } }', { token })).status).toBe(401);
    expect((await callWarden(house, '/v1/targets/railway/rest', { token: agent.collect })).status).toBe(400);
  });
});

describe('An exact operation', () => {
  test('can be asked for with the refusal alone, and happens once and only once', async () => {
    const refused = await graphql(DELETE, { variables: { id: 'vol_stag' } });
    expect(refused.status).toBe(403);
    const asked = refused.body.request.body;
    const requestId = await file(house, agent, cloudId, {
      resources: asked.resources,
      verbs: asked.verbs,
      ttlSeconds: asked.ttlSeconds,
      operation: asked.operation,
    });
    await prepared(requestId);
    const grantId = await approve(house, requestId);
    const first = await collect(house, grantId, { token: agent.collect });
    expect(first.body.result).toMatchObject({ status: 200 });
    expect(JSON.parse(first.body.result.body).data).toEqual({ volumeDelete: true });
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(410);
    expect(cloud.changes).toEqual(['volumeDelete vol_stag']);
  });
});

/** The agent's own undecided request. */
async function open(): Promise<string> {
  const where = { agentId: agent.id, state: 'pending', held: true };
  await expect.poll(() => house.owner.request.count({ where }), { timeout: 10_000 }).toBe(1);
  return (await house.owner.request.findFirstOrThrow({ where })).id;
}

const held = (id: string, seconds = 30, headers: Record<string, string> = {}) =>
  graphql(DELETE, { variables: { id }, headers: { prefer: `wait=${seconds}`, ...headers } });

describe('A call that is held', () => {
  test('is answered by the provider once a key has said yes, and ran once', async () => {
    const calling = held('vol_prod', 30, { 'countersign-reason': 'It is the old one.' });
    const requestId = await open();
    expect(await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).toMatchObject({
      reason: 'It is the old one.',
    });
    await approve(house, requestId);
    const answer = await calling;
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ volumeDelete: true });
    expect(answer.headers.get('preference-applied')).toBe('wait=30');
    expect(cloud.changes).toEqual(['volumeDelete vol_prod']);
  });

  test('is told no, and why, when a person says no', async () => {
    const calling = held('vol_a');
    const requestId = await open();
    await house.web.request.updateMany({
      where: { id: requestId },
      data: { state: 'denied', stateReason: 'That is production.', decidedBy: house.ada.human.id },
    });
    const answer = await calling;
    expect(answer.status).toBe(403);
    expect(answer.body.errors[0].message).toContain('That is production.');
    expect(answer.body.code).toBe('not_allowed');
    expect(cloud.changes).toEqual([]);
  });

  test('is refused when nobody decides in time, and its request stays: the same call joins it and runs once', async () => {
    const answer = await held('vol_b', 1);
    expect(answer.status).toBe(403);
    expect(answer.body.code).toBe('elevation_required');
    expect(answer.body.detail).toContain('silence is no');
    const requestId = await open();
    expect(answer.body.detail).toContain(requestId);
    const again = held('vol_b', 30);
    await approve(house, requestId);
    expect((await again).body).toEqual({ data: { volumeDelete: true } });
    expect(cloud.changes).toEqual(['volumeDelete vol_b']);
  });

  test('leaves its request when the agent hangs up, and what is approved meanwhile runs for the next same call', async () => {
    const hungUp = new AbortController();
    const calling = fetch(`${house.origins.gateway}/t/railway`, {
      method: 'POST',
      signal: hungUp.signal,
      headers: { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json', prefer: 'wait=30' },
      body: JSON.stringify({ query: DELETE, variables: { id: 'vol_c' } }),
    }).catch(() => null);
    const requestId = await open();
    hungUp.abort();
    await calling;
    await approve(house, requestId);
    expect(cloud.changes).toEqual([]);
    expect((await held('vol_c')).body).toEqual({ data: { volumeDelete: true } });
    expect(cloud.changes).toEqual(['volumeDelete vol_c']);
  });

  test('that is sent twice is one request, and runs once', async () => {
    const first = held('vol_d');
    const requestId = await open();
    const second = held('vol_d');
    await approve(house, requestId);
    const answers = await Promise.all([first, second]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(cloud.changes).toEqual(['volumeDelete vol_d']);
    expect(await house.owner.request.count({ where: { agentId: agent.id, held: true, state: 'pending' } })).toBe(0);
  });

  test('outlives a restart: its request is joined at whatever copy the call comes to', async () => {
    const other = await house.anotherCopy();
    const body = JSON.stringify({ query: DELETE, variables: { id: 'vol_e' } });
    const { host } = new URL(house.origins.gateway);
    const calling = at(other.port, { host, body });
    const requestId = await open();
    await other.close();
    expect(await calling).toBe(503);
    const again = held('vol_e');
    await approve(house, requestId);
    expect((await again).body).toEqual({ data: { volumeDelete: true } });
    expect(cloud.changes).toEqual(['volumeDelete vol_e']);
  });

  test('is told to wait after ten in a minute, by the database (T17)', async () => {
    const busy = await newAgent(house);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        graphql(DELETE, { token: busy.token, variables: { id: `vol_${n}` }, headers: { prefer: 'wait=1' } }),
      ),
    );
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect(await house.owner.request.count({ where: { agentId: busy.id } })).toBeLessThanOrEqual(10);
    expect(cloud.changes).toEqual([]);
  });
});

/** The status of a held call at one copy. */
function at(port: number, { host, body }: { readonly host: string; readonly body: string }): Promise<number> {
  const headers = {
    host,
    authorization: `Bearer ${agent.token}`,
    'content-type': 'application/json',
    prefer: 'wait=30',
  };
  return new Promise((resolve, reject) => {
    raw({ host: '127.0.0.1', port, path: '/t/railway', method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end(body);
  });
}

describe('While everything is frozen', () => {
  test('not even a safe read passes, and a thaw with a key brings it back (P9)', async () => {
    const id = newId('frz');
    await house.web.freeze.create({ data: { id, humanId: house.ada.human.id, reason: 'Odd.', begunAt: new Date() } });
    await expect.poll(async () => (await graphql('{ me { id } }')).status).toBe(403);
    expect((await graphql('{ me { id } }')).body.detail).toContain('frozen');
    await change(house, {
      kind: 'freeze.thaw',
      freezeId: id,
      frozenBy: { id: house.ada.human.id, name: house.ada.human.name },
      frozenAt: new Date(0).toISOString(),
      reason: 'Odd.',
    });
    await expect.poll(async () => (await graphql('{ me { id } }')).status).toBe(200);
  });
});

test('The provider’s secret is in no answer, no row and no record (T34, T35)', async () => {
  const rows = await house.owner.$queryRaw<Array<{ text: string }>>`
    SELECT string_agg(body, ' ') AS text FROM audit_events
    UNION ALL SELECT string_agg(to_jsonb(g)::text, ' ') FROM grants g
    UNION ALL SELECT string_agg(to_jsonb(r)::text, ' ') FROM requests r
    UNION ALL SELECT string_agg(to_jsonb(t)::text, ' ') FROM targets t
    UNION ALL SELECT string_agg(concat_ws(' ', body, signature), ' ') FROM records
    UNION ALL SELECT string_agg(ciphertext, ' ') FROM provider_secrets
    UNION ALL SELECT string_agg(body, ' ') FROM order_results`;
  const text = rows.map((row) => row.text).join(' ');
  expect(text).toContain('railway');
  for (const { secret } of [cloud, rest]) expect(text).not.toContain(secret);
});
