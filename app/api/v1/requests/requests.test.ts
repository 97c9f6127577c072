import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '#lib/core';
import { call, filed, filing, type Stage, stage } from '#testing/routes';

let at: Stage;
beforeAll(async () => {
  at = await stage();
});
afterAll(() => at.close());

const problem = async (
  response: Response,
): Promise<{ code: string; errors?: Array<{ pointer: string }> } & Record<string, unknown>> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return response.json();
};

describe('filing', () => {
  test('A filed request is answered with what it will take and where to look, and its event is stored with it', async () => {
    const body = filing({ verbs: ['delete'], ticketUrl: 'https://tickets.example.com/OPS-204' });
    const response = await call('POST /requests', { as: at.ada, body });
    const request = await response.json();
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`http://localhost:3000/api/v1/requests/${request.id}`);
    expect(response.headers.get('etag')).toBe('W/"1-0"');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(request).toMatchObject({
      ...body,
      state: 'pending',
      maxUses: null,
      operation: null,
      grant: null,
      takes: { approvals: 1, roles: ['owner', 'approver'], keyClass: 'any' },
    });
    const row = await at.owner.request.findUniqueOrThrow({ where: { id: request.id } });
    expect(row).toMatchObject({ agentId: at.ada.id, state: 'preparing', danger: 2, version: 1 });
    const events = await at.owner.auditEvent.findMany({ where: { requestId: request.id } });
    expect(events).toMatchObject([
      { kind: 'request.filed', actor: at.ada.id, agentId: at.ada.id, targetId: row.targetId, at: row.createdAt },
    ]);
    expect(JSON.parse(events[0]?.body ?? '')).toMatchObject({ type: 'countersign/event', data: { request: body } });
  });

  test('What is read afterwards is what was answered', async () => {
    const operation = {
      sql: "UPDATE bookings SET paid = true\nWHERE note = 'ünïcode ☕'",
      parameters: [1, 0.1, -3e-7, 'x', null, true],
      maxRows: 1,
    };
    const answered = await (await call('POST /requests', { as: at.ada, body: filing({ operation }) })).json();
    const read = await (await call(`GET /requests/${answered.id}`, { as: at.ada })).json();
    expect(read).toEqual(answered);
    expect(read.operation).toEqual(operation);
  });

  test.each([
    ['a duplicate key', '{"target":"sample","target":"other"}', 'invalid_json'],
    ['an escaped duplicate key', '{"target":"sample","t\\u0061rget":"other"}', 'invalid_json'],
    ['a NUL', JSON.stringify(filing({ reason: 'a\0b' })), 'invalid_json'],
    ['a lone surrogate', JSON.stringify(filing()).replace('Mark', '\\ud800'), 'invalid_json'],
    ['a byte-order mark', `\uFEFF${JSON.stringify(filing())}`, 'invalid_json'],
    ['nesting without end', '['.repeat(20_000) + ']'.repeat(20_000), 'invalid_json'],
    ['no JSON', 'target=sample', 'invalid_json'],
    ['a case variant of a key', JSON.stringify({ ...filing(), Verbs: ['delete'] }), 'invalid_request'],
    ['a field that is not there', JSON.stringify({ ...filing(), approved: true }), 'invalid_request'],
  ])('A body with %s is refused (T22)', async (_what, body, code) => {
    const response = await call('POST /requests', { as: at.ada, body });
    expect(response.status).toBe(400);
    expect((await problem(response)).code).toBe(code);
  });

  const whole = {
    ...filing(),
    maxUses: 1,
    ticketUrl: 'https://example.com/',
    operation: { sql: 'SELECT 1', parameters: [], maxRows: 0 },
  };
  const optional = ['/maxUses', '/ticketUrl', '/operation', '/operation/parameters', '/operation/maxRows'];
  test.each(spoiled(whole, optional))(
    '%s replaced by %s is a 400 that points there (T63)',
    async (pointer, _what, body) => {
      const response = await call('POST /requests', { as: at.ada, body });
      expect(response.status).toBe(400);
      expect((await problem(response)).errors?.map((error) => error.pointer)).toContain(pointer);
    },
  );

  test.each(['Sample', ' sample', 'sample ', 'ｓample', 'sample\u200b', 'sаmple', 'sample/../deploys', ''])(
    'The target name %j is not another way to say sample (T65)',
    async (target) => {
      const response = await call('POST /requests', { as: at.ada, body: filing({ target }) });
      expect(response.status).toBe(400);
    },
  );

  test('A disabled target and one that never was are the same answer', async () => {
    const { config } = await at.owner.target.findUniqueOrThrow({ where: { name: 'sample' } });
    await at.owner.target.create({
      data: {
        id: 'tgt_off',
        name: 'off',
        kind: 'postgres',
        environment: 'staging',
        config: config as object,
        state: 'disabled',
        chainHash: 'c',
      },
    });
    const answers = await Promise.all(
      ['off', 'not'].map(async (target) =>
        problem(await call('POST /requests', { as: at.ada, body: filing({ target }), headers: TRACE })),
      ),
    );
    expect(JSON.stringify(answers[0]).replaceAll('off', 'not')).toBe(JSON.stringify(answers[1]));
  });

  test('Bidi, homoglyphs and newlines are refused in names and kept as they are in the reason (T20)', async () => {
    for (const resource of ['table/public.bоokings', 'table/public.bookings\u202e', 'table/public.\nbookings']) {
      expect((await call('POST /requests', { as: at.ada, body: filing({ resources: [resource] }) })).status).toBe(400);
    }
    const reason = '\u202eevil\n\n<b>ok</b>\u001b[31m\u200b';
    expect(await (await call('POST /requests', { as: at.ada, body: filing({ reason }) })).json()).toMatchObject({
      reason,
    });
  });

  test('A body over 64 KiB is refused while it arrives, whatever it says of its length (T49, T68)', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(16 * 1024).fill(0x20));
      },
    });
    const { POST } = await import('./route');
    const headers = {
      authorization: `Bearer ${at.ada.token}`,
      'content-type': 'application/json',
      'content-length': '2',
    };
    const response = await POST(
      new Request('http://localhost:3000/api/v1/requests', {
        method: 'POST',
        headers,
        body,
        duplex: 'half',
      } as RequestInit),
      { params: Promise.resolve({}) },
    );
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(12);
  });

  test.each([['text/plain'], ['application/x-www-form-urlencoded'], ['']])(
    'A body sent as %j is refused',
    async (type) => {
      const response = await call('POST /requests', { as: at.ada, body: filing(), headers: { 'content-type': type } });
      expect(response.status).toBe(415);
    },
  );

  test('A compressed body is refused', async () => {
    expect(
      (await call('POST /requests', { as: at.ada, body: filing(), headers: { 'content-encoding': 'gzip' } })).status,
    ).toBe(415);
  });

  test('Whatever JSON comes, the answer is a 201 or a problem that is no fault of ours', async () => {
    const field = fc.constantFrom(...Object.keys(whole));
    await fc.assert(
      fc.asyncProperty(field, fc.jsonValue(), async (name, value) => {
        const response = await call('POST /requests', { as: at.bob, body: { ...filing(), [name]: value as Json } });
        expect([201, 400, 409]).toContain(response.status);
      }),
      { numRuns: 150 },
    );
  });
});

describe('idempotency', () => {
  const key = (name: string) => ({ 'idempotency-key': name });

  test('50 parallel filings under one key are one request with one event and one answer (T64)', async () => {
    const body = filing();
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => call('POST /requests', { as: at.ada, body, headers: key('fifty') })),
    );
    const bodies = new Set(await Promise.all(responses.map((response) => response.text())));
    expect(bodies.size).toBe(1);
    expect(new Set(responses.map((response) => response.status))).toEqual(new Set([201]));
    expect(responses.filter((response) => response.headers.get('idempotency-replayed') === 'true')).toHaveLength(49);
    const rows = await at.owner.request.findMany({ where: { agentId: at.ada.id, idempotencyKey: 'fifty' } });
    expect(rows).toHaveLength(1);
    expect(await at.owner.auditEvent.count({ where: { requestId: rows[0]?.id ?? '' } })).toBe(1);
  });

  test('The same body in another order of keys is the same body; another body is refused', async () => {
    const body = filing();
    const first = await (await call('POST /requests', { as: at.ada, body, headers: key('order') })).json();
    const reversed = Object.fromEntries(Object.entries(body).reverse());
    expect(await (await call('POST /requests', { as: at.ada, body: reversed, headers: key('order') })).json()).toEqual(
      first,
    );
    const other = await call('POST /requests', {
      as: at.ada,
      body: { ...body, reason: 'Another reason.' },
      headers: key('order'),
    });
    expect(other.status).toBe(422);
    expect((await problem(other)).code).toBe('idempotency_mismatch');
  });

  test('A key is its agent’s own: another agent’s same key is another request', async () => {
    const [one, two] = await Promise.all(
      [at.ada, at.bob].map(async (as) =>
        (await call('POST /requests', { as, body: filing(), headers: key('mine') })).json(),
      ),
    );
    expect(one.id).not.toBe(two.id);
  });

  test.each(['', ' ', 'ü', 'x'.repeat(256), 'a b'])('The key %j is refused', async (name) => {
    expect(
      (await call('POST /requests', { as: at.ada, body: filing(), headers: { 'idempotency-key': name } })).status,
    ).toBe(400);
  });
});

describe('asking again (T17)', () => {
  test('50 parallel filings of the same ask in other words are one request; the others are told which', async () => {
    const body = filing();
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        call('POST /requests', { as: at.ada, body: { ...body, reason: `Please, number ${i}.` } }),
      ),
    );
    const won = responses.filter((response) => response.status === 201);
    expect(won).toHaveLength(1);
    const { id } = (await won[0]?.json()) ?? {};
    for (const response of responses.filter((other) => other.status !== 201)) {
      const { code, detail } = await problem(response);
      expect([response.status, code]).toEqual([409, 'conflict']);
      expect(detail).toContain(id);
    }
  });

  test('Once it was decided, the same may be asked again', async () => {
    const body = filing();
    const first = await filed(at.ada, body);
    await call(`POST /requests/${first.id}/cancel`, { as: at.ada });
    expect((await filed(at.ada, body)).id).not.toBe(first.id);
  });
});

/** `traceparent` fixes the request id, so that two answers can be compared byte for byte. */
const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

/** Every scalar and every list of the body, replaced by what it is not; absent where it may not be. */
function spoiled(
  whole: { readonly [field: string]: Json },
  optional: readonly string[],
): Array<[pointer: string, what: string, body: Json]> {
  return pointersIn(whole).flatMap((path) => {
    const pointer = `/${path.join('/')}`;
    const wrong: Array<[string, Json | undefined]> = [
      ['{}', {}],
      ['null', null],
      ['[]', []],
      ['absent', undefined],
    ];
    const value = path.reduce<Json>((at, key) => (at as { [key: string]: Json })[key] ?? null, whole);
    return wrong
      .filter(([what]) => !(what === 'absent' && (optional.includes(pointer) || /\/\d+$/.test(pointer))))
      .filter(([what]) => !(what === '[]' && pointer === '/operation/parameters'))
      .filter(([what]) => !(what === '{}' && typeof value === 'object' && !Array.isArray(value)))
      .map(([what, to]): [string, string, Json] => [pointer, what, replaced(whole, path, to)]);
  });
}

function pointersIn(value: Json, path: readonly string[] = []): string[][] {
  const here = path.length === 0 ? [] : [[...path]];
  if (value === null || typeof value !== 'object') return here;
  return [...here, ...Object.entries(value).flatMap(([key, child]) => pointersIn(child as Json, [...path, key]))];
}

function replaced(value: Json, [key, ...rest]: readonly string[], to: Json | undefined): Json {
  const copy: { [key: string]: unknown } = structuredClone(value) as { [key: string]: unknown };
  if (key === undefined) return value;
  if (rest.length > 0) copy[key] = replaced(copy[key] as Json, rest, to);
  else if (to === undefined) delete copy[key];
  else copy[key] = to;
  return copy as Json;
}
