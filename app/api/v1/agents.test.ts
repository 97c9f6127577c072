import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checksummedToken } from '#lib/core';
import { transact } from '#lib/db';
import { createGrant } from '#lib/grants';
import { call, denyAs, filed, filing, previewed, ROUTES, type Stage, stage, type TestAgent } from '#testing/routes';

let at: Stage;
beforeAll(async () => {
  at = await stage();
});
afterAll(() => at.close());

const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const ABSENT = { requests: 'req_00000000000000000000', grants: 'grn_00000000000000000000' };

const restingGrant = (agent: TestAgent): Promise<string> =>
  transact(at.warden, (tx, now) =>
    createGrant(tx, now, {
      kind: 'resting',
      requestId: null,
      agentId: agent.id,
      targetId: at.targetId,
      resources: ['schema/public'],
      verbs: ['select'],
      ttlSeconds: 60,
      maxUses: null,
      cooldownSeconds: 0,
      collectWithinSeconds: 60,
    }),
  );

/** Every method of every route. */
const lines = async (): Promise<string[]> =>
  (
    await Promise.all(
      ROUTES.map(async ([, path, load]) => Object.keys(await load()).map((method) => `${method} ${path}`)),
    )
  ).flat();

describe('who may call (T15, P1)', () => {
  test('Without a live agent’s token every route answers 401, byte for byte the same', async () => {
    const disabled = await at.agent('switched-off', 'disabled');
    const deleted = await at.agent('gone', 'deleted');
    const wrong: TestAgent = { id: '', token: checksummedToken('ask') };
    for (const line of await lines()) {
      const path = line.replace('{id}', line.includes('grants') ? ABSENT.grants : ABSENT.requests);
      const body = line === 'POST /requests' ? { body: filing() } : {};
      expect((await call(path, { ...body })).status, line).toBe(401);
      const answers = await Promise.all(
        [disabled, deleted, wrong].map(async (as) => call(path, { as, ...body, headers: TRACE })),
      );
      expect(
        answers.map((answer) => answer.status),
        line,
      ).toEqual([401, 401, 401]);
      expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size, line).toBe(1);
      expect(answers[0]?.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  test('A mistyped token is told so; a service’s token, a cookie and another scheme are no ask token', async () => {
    const typo = at.ada.token.slice(0, -1) + (at.ada.token.endsWith('x') ? 'y' : 'x');
    const { detail } = await (await call('GET /me', { as: { id: '', token: typo } })).json();
    expect(detail).toContain('mistyped');
    expect((await call('GET /me', { as: { id: '', token: checksummedToken('svc') } })).status).toBe(401);
    expect((await call('GET /me', { headers: { cookie: `token=${at.ada.token}` } })).status).toBe(401);
    expect((await call('GET /me', { headers: { authorization: `Basic ${at.ada.token}` } })).status).toBe(401);
    expect((await call('GET /me', { headers: { 'x-forwarded-user': at.ada.id, authorization: '' } })).status).toBe(401);
  });

  test('A token that was rotated away or whose agent was disabled is refused on the next call (T66)', async () => {
    const agent = await at.agent('soon-off');
    expect((await call('GET /me', { as: agent })).status).toBe(200);
    await at.owner.agent.update({ where: { id: agent.id }, data: { state: 'disabled' } });
    expect((await call('GET /me', { as: agent })).status).toBe(401);
  });

  test('Another agent’s things answer exactly as if they were not there (T46)', async () => {
    const request = await filed(at.bob);
    const grant = await restingGrant(at.bob);
    for (const line of (await lines()).filter((other) => other.includes('{id}'))) {
      const noun = line.includes('grants') ? 'grants' : 'requests';
      const ids = [ABSENT[noun], noun === 'grants' ? grant : request.id, 'nonsense', "' OR 1=1", '\0', 'req_%00'];
      const answers = await Promise.all(
        ids.map((id) => call(line.replace('{id}', encodeURIComponent(id)), { as: at.ada, headers: TRACE })),
      );
      const texts = await Promise.all(answers.map(async (answer) => `${answer.status} ${await answer.text()}`));
      expect(new Set(texts).size, line).toBe(1);
      expect(texts[0], line).toMatch(/^404 /);
    }
    expect(await (await call('GET /requests', { as: at.bob })).json()).toMatchObject({
      items: [{ id: request.id, state: 'pending' }],
    });
    expect(await at.owner.grant.findUnique({ where: { id: grant } })).toMatchObject({ state: 'ready' });
  });

  test('An agent is seen at most once a minute', async () => {
    const agent = await at.agent('seen');
    await call('GET /me', { as: agent });
    const first = await at.owner.agent.findUniqueOrThrow({ where: { id: agent.id } });
    expect(first.lastSeenAt).not.toBeNull();
    await call('GET /me', { as: agent });
    expect((await at.owner.agent.findUniqueOrThrow({ where: { id: agent.id } })).lastSeenAt).toEqual(first.lastSeenAt);
  });
});

describe('reading', () => {
  test('An unchanged request is a 304 without a body; a changed one is not', async () => {
    const { id } = await filed(at.ada);
    const etag = (await call(`GET /requests/${id}`, { as: at.ada })).headers.get('etag') ?? '';
    const same = await call(`GET /requests/${id}`, { as: at.ada, headers: { 'if-none-match': etag } });
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
    await denyAs(at, id, 'No.');
    expect((await call(`GET /requests/${id}`, { as: at.ada, headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test.each<[string, string, (id: string) => Promise<unknown>]>([
    ['hangs', 'a', async () => undefined],
    ['finds little', 'b', (id) => previewed(at, id)],
    [
      'finds production, and a name to type',
      'c',
      (id) =>
        previewed(at, id, { danger: 5, preview: { environment: 'production', subject: 'customers', maxRows: 7 } }),
    ],
    [
      'cannot be made',
      'd',
      (id) => previewed(at, id, { danger: 4, preview: { blocked: 'invalid input syntax: "b"' } }),
    ],
  ])('A preview that %s changes no byte of what its agent is answered (P1)', async (_, name, land) => {
    const agent = await at.agent(`blind-${name}`);
    const { id } = await filed(agent);
    const answers = async (): Promise<string[]> => {
      const { headers } = await call(`GET /requests/${id}`, { as: agent });
      const reads: ReadonlyArray<readonly [string, Record<string, string>]> = [
        [`GET /requests/${id}`, {}],
        [`GET /requests/${id}`, { 'if-none-match': headers.get('etag') ?? '' }],
        ['GET /requests', {}],
        ['GET /grants', {}],
        ['GET /targets', {}],
      ];
      const all: string[] = [];
      for (const [line, more] of reads) {
        const answer = await call(line, { as: agent, headers: { ...TRACE, ...more } });
        const said = [...answer.headers].filter(([name]) => !/^(?:date|ratelimit.*|x-ratelimit.*)$/.test(name));
        all.push(`${line} ${answer.status} ${JSON.stringify(said)} ${await answer.text()}`);
      }
      return all;
    };
    const before = await answers();
    const { headers } = await call(`GET /requests/${id}`, { as: agent });
    const etag = headers.get('etag') ?? '';
    const waiting = call(`GET /requests/${id}`, { as: agent, headers: { prefer: 'wait=1', 'if-none-match': etag } });
    await land(id);
    expect((await waiting).status).toBe(304);
    expect(await answers()).toEqual(before);
    // And cancelling goes by what was seen before it landed.
    const cancelled = await call(`POST /requests/${id}/cancel`, { as: agent, headers: { 'if-match': etag } });
    expect(cancelled.status).toBe(200);
  });

  test('Pages hold every request once, newest first, and the last has no next', async () => {
    const agent = await at.agent('pages');
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.unshift((await filed(agent)).id);
    const seen: string[] = [];
    for (let path = '/requests?limit=2'; path !== ''; ) {
      const response = await call(`GET ${path}`, { as: agent });
      const { items, next } = await response.json();
      seen.push(...items.map((item: { id: string }) => item.id));
      const link =
        /<http:\/\/localhost:3000\/api\/v1(.+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? '';
      expect(link === '').toBe(next === null);
      path = link;
    }
    expect(seen).toEqual(ids);
  });

  test.each(['limit=0', 'limit=101', 'limit=1e2', 'limit=2&limit=3', 'cursor=abc', 'cursor=%00', 'state=x'])(
    'The query %s is refused',
    async (query) => {
      expect((await call(`GET /requests?${query}`, { as: at.ada })).status).toBe(400);
      expect((await call(`GET /grants?${query}`, { as: at.ada })).status).toBe(400);
    },
  );

  test('Targets say what may be asked and, only where an owner allowed it, where to read at rest', async () => {
    await at.owner.restAllowance.create({
      data: { agentId: at.ada.id, targetId: at.targetId, ttlSeconds: 900, chainHash: 'c' },
    });
    const [ada, bob] = await Promise.all(
      [at.ada, at.bob].map(async (as) => (await call('GET /targets', { as })).json()),
    );
    expect(ada.items).toMatchObject([
      {
        name: 'deploys',
        verbs: ['start', 'destroy'],
        exampleResources: ['deploy/NAME'],
        exactOperations: false,
        rest: null,
      },
      {
        name: 'sample',
        exactOperations: true,
        rest: { url: 'http://localhost:3300/v1/targets/sample/rest', ttlSeconds: 900 },
      },
    ]);
    expect(bob.items[1].rest).toBeNull();
    expect(JSON.stringify(ada)).not.toContain('broker');
  });

  test('Addresses in answers are the configured ones, whatever host the call names (T19)', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'ftp',
      forwarded: 'host=evil.example',
    };
    const response = await call('POST /requests', { as: at.ada, body: filing(), headers });
    expect(response.headers.get('location')).toMatch(/^http:\/\/localhost:3000\//);
    expect(await response.text()).not.toContain('evil');
  });
});

describe('waiting', () => {
  test('Who waits hears of a decision when it is made, and is told how long it would have waited at most', async () => {
    const { id } = await filed(at.ada);
    await previewed(at, id);
    const waiting = call(`GET /requests/${id}`, { as: at.ada, headers: { prefer: 'respond-async, wait=900' } });
    await denyAs(at, id, 'Not today.');
    const response = await waiting;
    expect(response.headers.get('preference-applied')).toBe('wait=120');
    expect(await response.json()).toMatchObject({ state: 'denied', stateReason: 'Not today.' });
  });

  test('Nobody waits for what was decided already', async () => {
    const { id } = await filed(at.ada);
    await call(`POST /requests/${id}/cancel`, { as: at.ada });
    expect(
      await (await call(`GET /requests/${id}`, { as: at.ada, headers: { prefer: 'wait=120' } })).json(),
    ).toMatchObject({ state: 'cancelled' });
  });

  test('When the time is over the answer is what it is', async () => {
    const { id } = await filed(at.ada);
    const response = await call(`GET /requests/${id}`, { as: at.ada, headers: { prefer: 'wait=1' } });
    expect(await response.json()).toMatchObject({ state: 'pending' });
  });

  test('Who goes away stops waiting', async () => {
    const { id } = await filed(at.ada);
    const caller = new AbortController();
    const waiting = call(`GET /requests/${id}`, { as: at.ada, headers: { prefer: 'wait=120' }, signal: caller.signal });
    caller.abort();
    expect((await waiting).status).toBe(200);
  });

  test('100 waiters hear of one change each, and one agent cannot wait for everything at once', async () => {
    const agents = await Promise.all(Array.from({ length: 10 }, (_, i) => at.agent(`waiter-${i}`)));
    const requests = await Promise.all(agents.map((agent) => filed(agent)));
    const waits = agents.flatMap((as, i) =>
      Array.from({ length: 10 }, () =>
        call(`GET /requests/${requests[i]?.id}`, { as, headers: { prefer: 'wait=120', 'if-none-match': 'W/"1-0"' } }),
      ),
    );
    await Promise.all(requests.map(({ id }) => denyAs(at, id, 'No.')));
    for (const response of await Promise.all(waits)) expect(await response.json()).toMatchObject({ state: 'denied' });
    const { id } = await filed(at.bob);
    const caller = new AbortController();
    const many = Array.from({ length: 30 }, () =>
      call(`GET /requests/${id}`, { as: at.bob, headers: { prefer: 'wait=120' }, signal: caller.signal }),
    );
    // All ten refusals first: a place that is freed too early would be taken by a call still on its way.
    const refused: number[] = [];
    for (const one of many) void one.then(({ status }) => refused.push(status));
    await expect.poll(() => refused).toEqual(Array(10).fill(429));
    caller.abort();
    expect((await Promise.all(many)).filter((response) => response.status === 200)).toHaveLength(20);
  });
});

describe('cancelling', () => {
  test('Of cancel and deny racing, one wins and the record has exactly that one (T64)', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { id } = await filed(at.ada);
        await previewed(at, id);
        const [cancelled, denied] = await Promise.all([
          call(`POST /requests/${id}/cancel`, { as: at.ada }),
          denyAs(at, id, 'No.'),
        ]);
        expect([cancelled.status === 200, denied].filter(Boolean)).toHaveLength(1);
        if (!denied) expect(cancelled.status).toBe(200);
        else expect([cancelled.status, (await cancelled.json()).code]).toEqual([409, 'already_decided']);
        const events = await at.owner.auditEvent.findMany({
          where: { requestId: id, kind: { in: ['request.cancelled', 'request.denied'] } },
        });
        return events.length;
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set([1]));
  });

  test('With If-Match, only what the agent has seen is cancelled', async () => {
    const { id } = await filed(at.ada);
    const etag = (await call(`GET /requests/${id}`, { as: at.ada })).headers.get('etag') ?? '';
    const stale = etag.replace('1-', '0-');
    const cancel = (tag: string) => call(`POST /requests/${id}/cancel`, { as: at.ada, headers: { 'if-match': tag } });
    expect((await cancel(stale)).status).toBe(412);
    expect(await (await cancel(etag)).json()).toMatchObject({ state: 'cancelled', links: { cancel: null } });
    expect((await cancel(etag)).status).toBe(412);
  });
});

describe('handing back', () => {
  test('A grant handed back is ending, for the reason and by the agent that did it; twice is once', async () => {
    const id = await restingGrant(at.ada);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call(`POST /grants/${id}/return`, { as: at.ada })),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    expect(await answers[0]?.json()).toMatchObject({
      id,
      state: 'ending',
      endReason: 'revoked',
      links: { return: null },
    });
    expect(await at.owner.grant.findUnique({ where: { id } })).toMatchObject({ state: 'ending', endedBy: at.ada.id });
    expect(await at.owner.auditEvent.count({ where: { grantId: id, kind: 'grant.ending' } })).toBe(1);
  });
});

describe('answers', () => {
  test('A well-formed traceparent names the request id; anything else does not', async () => {
    const ids = await Promise.all(
      [TRACE, { traceparent: 'x"\\' }, {}].map(async (headers) =>
        (await call('GET /me', { as: at.ada, headers })).headers.get('x-request-id'),
      ),
    );
    expect(ids[0]).toBe('0af7651916cd43dd8448eb211c80319c');
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});
