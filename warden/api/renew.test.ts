import * as dpop from 'dpop';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { replay } from '#lib/authority';
import { addSeconds, iso, looksLikeToken, newId, sha256Base64url } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { GATEWAY_ANSWERS } from '#lib/http/openapi';
import { authenticateAgent } from '#lib/identity';
import type { Renewal } from '#lib/statement';
import { withClient } from '#scripts/postgres';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  addTarget,
  allowRest,
  approve,
  call,
  callWarden,
  change,
  file,
  type House,
  newAgent,
  openHouse,
  rotate,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';
import { appendRenewal } from '#warden/changes';

/* An agent with a key takes a new token by itself, and signs for it (T82). A foreign library makes the proofs. */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let upstream: string;
let service: string;
let keys: dpop.KeyPair;
let agent: TestAgent;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  upstream = await addUpstream(house, httpConfig(provider.url, { opens: ['GET /v1/things'] }), provider.secret);
  service = await addTarget(house, serviceConfig(serviceToken()));
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  keys = await dpop.generateKeyPair('ES256', { extractable: true });
  agent = await newAgent(house, await jwkOf(keys), house.ada, { agoSeconds: 7_200 });
});

async function jwkOf({ publicKey }: dpop.KeyPair): Promise<object> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  return { kty, crv, x, y };
}

const PATH = '/v1/me/token';
const ask = (token: string, proof?: string) =>
  callWarden(house, PATH, { token, ...(proof === undefined ? {} : { headers: { dpop: proof } }) });
const prove = (nonce: string, token = agent.token, pair = keys, path = PATH) =>
  dpop.generateProof(pair, house.origins.agent + path, 'POST', nonce, token);

/** As a client that knows RFC 9449 does it: once without, once with the nonce. */
async function renew(token = agent.token) {
  const first = await ask(token);
  expect([first.status, first.body.code]).toEqual([401, 'proof_required']);
  return ask(token, await prove(first.headers.get('dpop-nonce') ?? '', token));
}

/** Whether web takes the token. */
const asks = (token: string): Promise<boolean> =>
  authenticateAgent(house.web, `Bearer ${token}`).then(
    () => true,
    () => false,
  );

describe('A new token', () => {
  test('is told once, beside the old one, which goes on for two hours at every door', async () => {
    await allowRest(house, agent, upstream);
    const { status, body } = await renew();
    expect(status).toBe(200);
    expect(GATEWAY_ANSWERS.RenewedToken.parse(body)).toEqual(body);
    expect(looksLikeToken('ask', body.token)).toBe(true);
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(89 * 86_400_000);
    expect([await asks(body.token), await asks(agent.token)]).toEqual([true, true]);
    await house.settled();
    for (const token of [body.token, agent.token]) {
      const url = `${house.origins.gateway}/t/internal-api/v1/things`;
      const proof = await dpop.generateProof(keys, url, 'GET', house.copy.callers.nonce(), token);
      const read = await call(house, '/t/internal-api/v1/things', { method: 'GET', token, headers: { dpop: proof } });
      expect(read.status).toBe(200);
      expect((await callWarden(house, `/v1/grants/grn_${'0'.repeat(20)}`, { method: 'GET', token })).status).toBe(404);
    }
  });

  test('ends the old one when its time is over', async () => {
    await renew();
    await withClient(house.database.adminUrl, async (client) => {
      await client.query('SET session_replication_role = replica');
      await client.query("UPDATE agents SET previous_until = now() - interval '1 second' WHERE id = $1", [agent.id]);
    });
    expect(await asks(agent.token)).toBe(false);
    // The warden goes by the chain: a row neither shortens nor lengthens what it believes.
    const { agents } = await house.warden.authority.current(house.warden.db);
    expect(agents.get(agent.id)?.before?.tokenHash).toBe(sha256Base64url(agent.token));
  });

  test('ends the old one at every door when its time is over, by the chain and not by a row', async () => {
    await allowRest(house, agent, upstream);
    const { authority, db } = house.warden;
    const known = (await authority.current(db)).agents.get(agent.id);
    if (known === undefined) throw new Error('no such agent');
    const now = await databaseNow(db);
    const renewal: Renewal = {
      ...{ type: 'countersign/statement', version: 1, kind: 'agent.renew' },
      ...{ issuedAt: iso(now), until: iso(addSeconds(now, 2)), prev: (await authority.current(db)).head.hash },
      agent: { id: agent.id, name: known.name },
      secrets: {
        ...{ tokenThumbprint: sha256Base64url('another'), tokenHint: 'abcd', collectThumbprint: null },
        ...{ publicJwk: known.publicJwk, keyThumbprint: known.keyThumbprint },
        expiresAt: iso(addSeconds(now, 3_600)),
      },
    };
    await transact(db, (tx, at) => appendRenewal(tx, at, house.warden, { renewal, proof: 'of another test' }));
    await withClient(house.database.adminUrl, async (client) => {
      await client.query('SET session_replication_role = replica');
      await client.query("UPDATE agents SET previous_until = now() + interval '9 years' WHERE id = $1", [agent.id]);
    });
    const look = async () =>
      (await callWarden(house, `/v1/grants/grn_${'0'.repeat(20)}`, { method: 'GET', token: agent.token })).status;
    const read = async () => {
      const url = `${house.origins.gateway}/t/internal-api/v1/things`;
      const proof = await dpop.generateProof(keys, url, 'GET', house.copy.callers.nonce(), agent.token);
      const headers = { dpop: proof };
      return (await call(house, '/t/internal-api/v1/things', { method: 'GET', token: agent.token, headers })).status;
    };
    await expect.poll(look).toBe(401);
    await expect.poll(read).toBe(401);
  });

  test('denies what the agent asked and ends what it held', async () => {
    const ASK = { resources: ['deploy/api'], verbs: ['start'] };
    const requestId = await file(house, agent, service, ASK);
    const grantId = await approve(house, await file(house, agent, service, ASK));
    await renew();
    expect(await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).toMatchObject({
      state: 'denied',
      stateReason: 'The agent took another token.',
    });
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({
      endReason: 'revoked',
    });
  });

  test('stands in the chain with a proof of the agent’s own key over that very statement', async () => {
    const { body } = await renew();
    const row = await house.owner.chainEntry.findFirstOrThrow({ orderBy: { seq: 'desc' } });
    expect(row.kind).toBe('agent.renew');
    expect(row.statement).toContain(sha256Base64url(body.token));
    const { proof } = row.assertion as { proof: string };
    const claims = JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.nonce).toBe(sha256Base64url(`countersign/renewal/v1\n${row.statement}`));
    expect(JSON.stringify(row)).not.toContain(body.token);
  });

  test('is not had again within the hour: each one moves the chain, under the eyes of who signs', async () => {
    const { body } = await renew();
    for (const token of [agent.token, body.token]) {
      const again = await renew(token);
      expect([again.status, again.body.detail]).toEqual([403, 'No new token: its token is less than an hour old.']);
    }
  });
});

describe('No new token is had', () => {
  test('while everything is frozen: it would move the chain under who thaws (P9)', async () => {
    const { headers } = await ask(agent.token);
    const proof = await prove(headers.get('dpop-nonce') ?? '');
    const id = newId('frz');
    const freeze = { id, humanId: house.ada.human.id, reason: 'Odd.', begunAt: await databaseNow(house.web) };
    await house.web.freeze.create({ data: freeze });
    expect(await ask(agent.token, proof)).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
    const { id: adaId, name } = house.ada.human;
    await change(house, {
      kind: 'freeze.thaw',
      freezeId: id,
      frozenBy: { id: adaId as `hum_${string}`, name },
      frozenAt: iso(freeze.begunAt),
      reason: freeze.reason,
    });
    expect((await renew()).status).toBe(200);
  });

  test('by an agent without a key', async () => {
    const keyless = await newAgent(house);
    for (const token of [keyless.token, keyless.collect]) {
      const { status, body } = await ask(token);
      expect([status, body.code]).toEqual([403, 'forbidden']);
    }
  });

  test('by the token without the key: what web and gateway see takes nothing', async () => {
    const { headers } = await ask(agent.token);
    const nonce = headers.get('dpop-nonce') ?? '';
    const other = await dpop.generateKeyPair('ES256');
    const wrong = [
      await prove(nonce, agent.token, other),
      await prove(house.copy.callers.nonce()),
      await prove(`${nonce}x`),
      await prove(nonce, 'another token'),
      await prove(nonce, agent.token, keys, '/v1/grants/x/credential'),
      'not.a.proof',
    ];
    for (const proof of wrong) expect((await ask(agent.token, proof)).status).toBe(401);
    expect(
      await house.owner.chainEntry.count({ where: { kind: 'agent.renew', statement: { contains: agent.id } } }),
    ).toBe(0);
  });

  test('by a proof a second time, and of ten at once one is had', async () => {
    const { headers } = await ask(agent.token);
    const nonce = headers.get('dpop-nonce') ?? '';
    const proofs = await Promise.all(Array.from({ length: 10 }, () => prove(nonce)));
    const answers = await Promise.all(proofs.map((proof) => ask(agent.token, proof)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const proof of proofs) expect((await ask(agent.token, proof)).status).not.toBe(200);
  });

  test('on a statement that the chain has gone past', async () => {
    const { headers } = await ask(agent.token);
    const proof = await prove(headers.get('dpop-nonce') ?? '');
    await newAgent(house);
    const late = await ask(agent.token, proof);
    expect(late.status).toBe(401);
    expect((await ask(agent.token, await prove(late.headers.get('dpop-nonce') ?? ''))).status).toBe(200);
  });

  test('by the tables’ owner, who writes an entry of their own (T3, T13)', async () => {
    await renew();
    const rows = await house.owner.chainEntry.findMany({ orderBy: { seq: 'asc' } });
    const last = rows.at(-1);
    if (last === undefined) throw new Error('no entry');
    const pin = house.warden.vault.readPin();
    if (pin === null) throw new Error('no pin');
    const verifier = { ...house.warden.signing, warden: house.warden.vault.publicKey };
    await expect(replay(pin, rows, verifier)).resolves.toBeDefined();
    const stolen = last.statement.replace(
      /"tokenThumbprint":"[^"]+"/,
      `"tokenThumbprint":"${sha256Base64url('mine')}"`,
    );
    for (const forged of [
      { ...last, statement: stolen, hash: sha256Base64url(`countersign/chain/v1\n${stolen}`) },
      { ...last, assertion: { proof: (last.assertion as { proof: string }).proof } },
      { ...last, assertion: null },
      { ...last, kind: 'agent.rotate' },
    ])
      await expect(replay(pin, [...rows.slice(0, -1), forged], verifier)).rejects.toMatchObject({
        code: 'minting_stopped',
      });
    const { warden: _, ...keyless } = verifier;
    await expect(replay(pin, rows, keyless)).rejects.toMatchObject({ code: 'minting_stopped' });
  });
});

test('New secrets by a person end the token that went on as well', async () => {
  await renew();
  await rotate(house, agent, await jwkOf(keys));
  expect(await asks(agent.token)).toBe(false);
  expect((await ask(agent.token)).status).toBe(401);
});
