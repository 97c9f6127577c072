import { beforeEach, describe, expect, test } from 'vitest';
import { newId, sha256Base64url } from '#lib/core';
import type { Renewal } from '#lib/statement';
import { admitted, type Body, begun, type Cast, cast, rowOf, statementOf } from '#testing/chain';
import { SIGN } from '#testing/people';
import { type Authority, changeRefusal, extend, renewalRefusal } from './index';

/* Agents in the chain: who registers them, changes them and gives them secrets (T82). */

let ada: Cast;
let bob: Cast;
let cleo: Cast;
let ray: Cast;
let authority: Authority;

const then = async (by: Cast, body: Body): Promise<void> => {
  authority = await extend(authority, rowOf(by, authority, body), SIGN);
};
const refusal = (by: Cast, body: Body): string | null =>
  changeRefusal(authority, statementOf(by, authority.head.hash, body));

beforeEach(async () => {
  [ada, bob, cleo, ray] = await Promise.all([
    cast('Ada', 'owner'),
    cast('Bob', 'approver'),
    cast('Cleo', 'approver'),
    cast('Ray', 'reviewer'),
  ]);
  ({ authority } = await begun(ada));
  for (const newcomer of [bob, cleo, ray]) await then(ada, admitted(newcomer));
});

/** RFC 8037, appendix A. */
const THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
const JWK = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;
let made = 0;
const newSecrets = (more: object = {}) => {
  made += 1;
  return {
    tokenThumbprint: sha256Base64url(`ask ${made}`),
    tokenHint: 'abcd',
    collectThumbprint: sha256Base64url(`collect ${made}`),
    publicJwk: null,
    keyThumbprint: null,
    expiresAt: '2026-04-01T00:00:00.000Z',
    ...more,
  };
};
const ownerOf = ({ human }: Cast) => ({ id: human.id, name: human.name });
const register = (owner: Cast, more: object = {}) =>
  ({
    kind: 'agent.register',
    agent: { id: newId('agt'), name: 'bot', description: '', owner: ownerOf(owner), secrets: newSecrets(), ...more },
  }) as Extract<Body, { kind: 'agent.register' }>;

/** An agent of Bob's, and how a statement names it. */
async function ofBob() {
  const entry = register(bob);
  await then(bob, entry);
  return { id: entry.agent.id, name: 'bot', owner: ownerOf(bob), secrets: entry.agent.secrets };
}

describe('registering', () => {
  test('is everybody’s for themselves who may own one: who is shown the secrets must not approve what they ask (T14)', () => {
    for (const owner of [ada, bob]) expect(refusal(owner, register(owner))).toBeNull();
    expect(refusal(bob, register(ada))).toBe('only an owner may change this.');
    expect(refusal(ray, register(ray))).toBe('only an owner may change this.');
    expect(refusal(ada, register(bob))).toContain('shown to its owner');
    expect(refusal(ada, register(ray))).toBe('an agent belongs to an active owner or approver.');
    expect(refusal(ada, register(ada, { owner: { id: ada.human.id, name: 'Eve' } }))).toContain('belongs to');
    expect(refusal(ada, register(ada, { owner: { id: newId('hum'), name: 'Ada' } }))).toContain('belongs to');
  });

  test('leaves what the warden believes of it', async () => {
    const entry = register(bob, {
      secrets: newSecrets({ publicJwk: JWK, keyThumbprint: THUMBPRINT, collectThumbprint: null }),
    });
    await then(bob, entry);
    expect(authority.agents.get(entry.agent.id)).toEqual({
      id: entry.agent.id,
      name: 'bot',
      ownerId: bob.human.id,
      tokenHash: entry.agent.secrets.tokenThumbprint,
      tokenHint: entry.agent.secrets.tokenHint,
      collectHash: null,
      publicJwk: JWK,
      keyThumbprint: THUMBPRINT,
      issuedAt: new Date('2026-01-01T00:00:00.000Z'),
      expiresAt: new Date('2026-04-01T00:00:00.000Z'),
      before: null,
      chainHash: authority.head.hash,
    });
  });

  test('of a second agent under an id that one has is none', async () => {
    const { id } = await ofBob();
    expect(refusal(ada, register(ada, { id }))).toContain('registered already');
  });

  test('takes secrets that are nobody else’s, end within a year, and collect in one way', async () => {
    const { secrets } = await ofBob();
    const tried = (more: object) => refusal(ada, register(ada, { secrets: newSecrets(more) }));
    for (const used of [secrets.tokenThumbprint, secrets.collectThumbprint])
      for (const field of ['tokenThumbprint', 'collectThumbprint'])
        expect(tried({ [field]: used })).toContain('used already');
    expect(tried({ publicJwk: JWK, keyThumbprint: THUMBPRINT })).toContain('a secret or with a key');
    for (const lie of [{ publicJwk: JWK }, { keyThumbprint: THUMBPRINT }])
      expect(tried({ ...lie, collectThumbprint: null })).toContain('described wrongly');
    expect(tried({ collectThumbprint: null })).toContain('a secret or with a key');
    expect(tried({ expiresAt: '2027-01-03T00:00:00.000Z' })).toContain('after a year');
    expect(tried({ expiresAt: '2026-01-01T00:00:00.000Z' })).toContain('after a year');
    expect(tried({ expiresAt: '2027-01-01T00:00:00.000Z' })).toBeNull();
  });

  test('goes along with a target, by an owner’s one signature', async () => {
    const { agent } = register(ada);
    const target = {
      kind: 'token' as const,
      name: 'deploys',
      environment: 'staging',
      soleOwnerMayApprove: true,
      maxTtlSeconds: 600,
      audience: 'https://d.example',
      resources: ['deploy/*'],
      verbs: ['start'],
      destructiveVerbs: [],
      introspected: true,
      serviceTokenHash: sha256Base64url('t'),
    };
    const add = (more: object) =>
      ({
        ...{ kind: 'target.add' as const, targetId: newId('tgt'), target, secretDigest: sha256Base64url('s') },
        ...{ report: null, agent: { ...agent, ...more } },
      }) as Body;
    expect(refusal(bob, add({}))).toBe('only an owner may change this.');
    expect(refusal(ada, add({ owner: ownerOf(ray) }))).toContain('belongs to');
    expect(refusal(ada, add({ secrets: newSecrets({ collectThumbprint: null }) }))).toContain('a secret or with a key');
    await then(ada, add({}));
    expect(authority.agents.get(agent.id)).toMatchObject({ name: 'bot', ownerId: ada.human.id });
  });
});

describe('an agent that is there', () => {
  const changes = (known: Awaited<ReturnType<typeof ofBob>>) => {
    const { secrets: _, ...agent } = known;
    const { id, ...before } = agent;
    return {
      rotate: (more: object = {}) =>
        ({ kind: 'agent.rotate', agent: { ...agent, ...more }, secrets: newSecrets(), keyBefore: null }) as Body,
      enable: (more: object = {}) => ({ kind: 'agent.enable', agent: { ...agent, ...more } }) as Body,
      change: (to: object, from: object = {}) =>
        ({ kind: 'agent.change', agent: { ...agent, ...to }, before: { ...before, ...from } }) as Body,
    };
  };

  test('is its owner’s and the owners’ to change, and no other approver’s', async () => {
    const { rotate, enable, change } = changes(await ofBob());
    expect(refusal(bob, rotate())).toBeNull();
    expect(refusal(ada, rotate())).toContain('shown to its owner');
    for (const body of [enable(), change({ name: 'robot' })])
      for (const by of [ada, bob]) expect(refusal(by, body)).toBeNull();
    for (const body of [rotate(), enable(), change({ name: 'robot' })]) {
      for (const by of [cleo, ray]) expect(refusal(by, body)).toBe('only an owner may change this.');
    }
    // Named as one’s own it is still another’s.
    for (const body of [
      rotate({ owner: ownerOf(cleo) }),
      enable({ owner: ownerOf(cleo) }),
      change({ owner: ownerOf(cleo) }),
    ])
      expect(refusal(cleo, body)).toBe('only an owner may change this.');
    expect(refusal(bob, change({ owner: ownerOf(cleo) }))).toBe('only an owner may change this.');
    expect(refusal(ada, change({ owner: ownerOf(cleo) }))).toBeNull();
    expect(refusal(ada, change({ owner: ownerOf(ray) }))).toContain('belongs to');
  });

  test('is named as the chain has it, so that the page showed the right one', async () => {
    const { rotate, enable, change } = changes(await ofBob());
    for (const lie of [{ name: 'other' }, { id: newId('agt') }, { owner: ownerOf(ada) }]) {
      expect(refusal(ada, rotate(lie))).toBe('there is no such agent.');
      expect(refusal(ada, enable(lie))).toBe('there is no such agent.');
    }
    expect(refusal(ada, change({}, { name: 'other' }))).toBe('there is no such agent.');
    expect(refusal(ada, change({}, { owner: ownerOf(ada) }))).toBe('there is no such agent.');
  });

  test('has the new secrets alone once it was given some', async () => {
    const known = await ofBob();
    const { rotate } = changes(known);
    const entry = rotate() as Extract<Body, { kind: 'agent.rotate' }>;
    await then(bob, entry);
    expect(authority.agents.get(known.id)).toMatchObject({
      tokenHash: entry.secrets.tokenThumbprint,
      collectHash: entry.secrets.collectThumbprint,
    });
    expect(refusal(bob, entry)).toContain('used already');
    expect(refusal(bob, { ...(rotate() as typeof entry), keyBefore: THUMBPRINT })).toContain('another key now');
  });

  test('is let in by another entry once it was turned on again', async () => {
    const known = await ofBob();
    const before = authority.agents.get(known.id)?.chainHash;
    await then(bob, changes(known).enable());
    expect(authority.agents.get(known.id)?.chainHash).toBe(authority.head.hash);
    expect(before).not.toBe(authority.head.hash);
  });

  test('is changed in name and owner, and in nothing else', async () => {
    const known = await ofBob();
    const before = authority.agents.get(known.id);
    await then(ada, changes(known).change({ name: 'robot' }));
    expect(authority.agents.get(known.id)).toEqual({ ...before, name: 'robot' });
    const renamed = changes({ ...known, name: 'robot' });
    await then(ada, renamed.change({ owner: ownerOf(cleo) }));
    // Who answered for it knows its secrets, so they end.
    const ended = { expiresAt: new Date('2026-01-01T00:00:00.000Z') };
    expect(authority.agents.get(known.id)).toEqual({ ...before, name: 'robot', ownerId: cleo.human.id, ...ended });
    expect(refusal(bob, changes(known).rotate())).toBe('only an owner may change this.');
  });
});

test.each<[string, object, object, string | null]>([
  ['as long as was signed, the old token for two hours more', {}, {}, null],
  ['under another name', { agent: { name: 'robot' } }, {}, 'there is no such agent.'],
  ['with another key', {}, { keyThumbprint: 'k'.repeat(43) }, 'an agent renews its token with the key it has.'],
  ['once its secrets have ended', { issuedAt: '2026-04-02T00:00:00.000Z' }, {}, 'its secrets have ended.'],
  ['within the hour', { issuedAt: '2026-01-01T00:59:59.000Z' }, {}, 'its token is less than an hour old.'],
  ['the old one for more than a day', { until: '2026-01-03T00:00:01.000Z' }, {}, 'the old token ends within a day.'],
  ['the old one ended before', { until: '2026-01-01T23:59:59.000Z' }, {}, 'the old token ends within a day.'],
  [
    'for longer than a person signed',
    {},
    { expiresAt: '2026-04-02T00:00:01.000Z' },
    'a person has signed for a shorter time.',
  ],
])('a token that an agent takes by itself: %s', async (_name, more, secrets, expected) => {
  const key = { publicJwk: JWK, keyThumbprint: THUMBPRINT, collectThumbprint: null };
  // Signed on 1 January for ninety days.
  const entry = register(bob, { secrets: newSecrets({ ...key, expiresAt: '2026-04-01T00:00:00.000Z' }) });
  await then(bob, entry);
  const renewal = {
    issuedAt: '2026-01-02T00:00:00.000Z',
    until: '2026-01-02T02:00:00.000Z',
    ...more,
    agent: { id: entry.agent.id, name: entry.agent.name, ...(more as { agent?: object }).agent },
    secrets: { ...newSecrets(key), expiresAt: '2026-04-02T00:00:00.000Z', ...secrets },
  };
  expect(renewalRefusal(authority, renewal as unknown as Renewal)).toBe(expected);
  const taken = { ...renewal, secrets: { ...renewal.secrets, tokenThumbprint: entry.agent.secrets.tokenThumbprint } };
  if (expected === null) expect(renewalRefusal(authority, taken as unknown as Renewal)).toContain('used already');
});

describe('The agents of who goes', () => {
  const gone = (more: object = {}) => ({ kind: 'human.disable', human: bob.human, ...more }) as Body;
  const demoted = (role: string, more: object = {}) =>
    ({ kind: 'human.role', human: { ...bob.human, role }, roleBefore: 'approver', ...more }) as Body;

  test('go to whom the signature names, and to nobody else', async () => {
    const [{ id }, other] = [await ofBob(), register(ada)];
    await then(ada, other);
    await then(ada, gone({ agentsTo: ownerOf(cleo) }));
    expect(authority.agents.get(id)?.ownerId).toBe(cleo.human.id);
    expect(authority.agents.get(other.agent.id)?.ownerId).toBe(ada.human.id);
  });

  test('stay theirs where it names nobody, and count no more', async () => {
    const { id } = await ofBob();
    await then(ada, gone({ agentsTo: null }));
    expect(authority.agents.get(id)?.ownerId).toBe(bob.human.id);
  });

  test('go to nobody who is gone, only reads, or is the very same person', () => {
    for (const heir of [ray, bob])
      for (const body of [gone({ agentsTo: ownerOf(heir) }), demoted('reviewer', { agentsTo: ownerOf(heir) })])
        expect(refusal(ada, body)).toMatch(/belongs to|stay with/);
    expect(refusal(ada, gone({ agentsTo: { id: cleo.human.id, name: 'Eve' } }))).toContain('belongs to');
    expect(refusal(ada, demoted('reviewer', { agentsTo: ownerOf(cleo) }))).toBeNull();
  });

  test('stay with somebody who goes on deciding', () => {
    expect(refusal(ada, demoted('owner', { agentsTo: ownerOf(cleo) }))).toContain('stay with');
    expect(refusal(ada, demoted('owner', { agentsTo: null }))).toBeNull();
  });
});

test('What reads production at rest is given new secrets, or turned on, with a key that fits production alone, and with another owner reads nothing (T11)', async () => {
  const sue = await cast('Sue', 'approver', true);
  await then(ada, admitted(sue));
  const entry = register(sue);
  await then(sue, entry);
  const { secrets, ...agent } = { ...entry.agent, owner: ownerOf(sue) };
  const { description: _, ...named } = agent;
  const rotate = { kind: 'agent.rotate', agent: named, secrets: newSecrets(), keyBefore: null } as Body;
  expect(refusal(sue, rotate)).toBeNull();
  const target = {
    ...{ kind: 'postgres' as const, name: 'bookings', environment: 'production', soleOwnerMayApprove: true },
    ...{ maxTtlSeconds: 600, host: 'h', port: 5432, database: 'd', user: 'u', tls: 'disable' as const },
    ...{ schemas: ['public'], restReads: ['table/public.rooms'], countRows: true },
  };
  const targetId = newId('tgt');
  await then(ada, { kind: 'target.add', targetId, target, secretDigest: sha256Base64url('s'), report: null });
  const of = { id: targetId, name: 'bookings', kind: 'postgres' as const, environment: 'production' };
  await then(ada, {
    ...{ kind: 'rest.allow', reads: ['table/public.rooms'], ttlSeconds: 600 },
    agent: { ...named, tokenThumbprint: secrets.tokenThumbprint, keyThumbprint: null },
    target: { ...of, chainHash: authority.head.hash },
  });
  expect(refusal(sue, rotate)).toContain('production needs');
  expect(refusal(sue, { kind: 'agent.enable', agent: named } as Body)).toContain('production needs');
  expect(refusal(ada, { kind: 'agent.enable', agent: named } as Body)).toBeNull();

  expect(authority.rests.size).toBe(1);
  const { id, ...before } = named;
  await then(ada, { kind: 'agent.change', agent: { id, name: before.name, owner: ownerOf(bob) }, before } as Body);
  expect(authority.rests.size).toBe(0);
});
