import { beforeAll, describe, expect, test } from 'vitest';
import type { Authority, SignedAgent, SignedHuman, SignedKey, SignedTarget } from '#lib/authority';
import { addSeconds, base64url, canonicalText, type Json, newId, randomToken, sha256Base64url } from '#lib/core';
import type { Approval, Grant, Request } from '#lib/db';
import { describeAgent } from '#lib/identity';
import { requirementsOf } from '#lib/policy';
import { type ApproveStatement, challengeOf, type RequestFacts, verifyRegistration } from '#lib/statement';
import type { TargetConfig } from '#lib/targets';
import { SIGN } from '#testing/people';
import { NO_MAKERS, type SoftKey, softKey } from '#testing/security-key';
import { approveStatement, authorizeMint, factsOf, verifyApproval } from './index';

const NOW = new Date('2026-01-01T12:00:00.000Z');
const config: TargetConfig = {
  kind: 'token',
  name: 'deploys',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  audience: 'https://d.example',
  resources: ['deploy/*'],
  verbs: ['start', 'stop'],
  destructiveVerbs: ['stop'],
  introspected: true,
  serviceTokenHash: sha256Base64url('t'),
};
const preview = { effects: ['May start deploys.'], touched: [], warnings: [], maxRows: null, plan: null };

interface Cast {
  readonly human: SignedHuman;
  readonly signed: SignedKey;
  readonly key: SoftKey;
}

async function cast(name: string, role: SignedHuman['role'], synced = false): Promise<Cast> {
  const key = softKey(SIGN, { synced });
  const challenge = challengeOf(name);
  const {
    transports: _,
    counter: __,
    unproven: ___,
    ...facts
  } = await verifyRegistration({
    registration: key.register(base64url(challenge)),
    ...{ challenge, relyingParty: SIGN, makers: NO_MAKERS, now: new Date() },
  });
  const human = { id: newId('hum'), name, email: `${name}@example.com`, role, active: true };
  return { key, human, signed: { ...facts, id: newId('key'), label: name, humanId: human.id, active: true } };
}

function authorityOf(people: readonly Cast[], more: Partial<SignedTarget> = {}): Authority {
  const target = {
    id: targetId,
    config,
    secretDigest: sha256Base64url('s'),
    chainHash: sha256Base64url('chain'),
    active: true,
    ...more,
  };
  return {
    head: { seq: 1, hash: 'h' },
    gatewayKey: 'G'.repeat(43),
    humans: new Map(people.map(({ human }) => [human.id, human])),
    keys: new Map(people.map(({ signed }) => [signed.id, signed])),
    targets: new Map([[target.id, target]]),
    agents: new Map(),
    rests: new Map(),
    thawed: new Map(),
    acceptsClaimed: true,
    recovery: null,
  };
}

const targetId = newId('tgt');
let ada: Cast;
let bob: Cast;
let request: Request;
let agent: SignedAgent;
let described: RequestFacts['agent'];
let grant: Grant;
const collector = () => ({ id: agent.id, tokenHash: agent.tokenHash, keyThumbprint: null });

beforeAll(async () => {
  [ada, bob] = await Promise.all([cast('Ada', 'owner'), cast('Bob', 'approver')]);
  agent = {
    id: newId('agt'),
    name: 'bot',
    ownerId: ada.human.id,
    publicJwk: null,
    keyThumbprint: null,
    tokenHint: 'abcd',
    tokenHash: sha256Base64url('token'),
    collectHash: sha256Base64url('collect'),
    issuedAt: NOW,
    expiresAt: NOW,
    before: null,
    chainHash: sha256Base64url('entry'),
  };
  described = describeAgent(agent, ada.human);
  request = {
    id: newId('req'),
    agentId: agent.id,
    targetId,
    resources: ['deploy/api'],
    verbs: ['start'],
    ttlSeconds: 600,
    maxUses: 3,
    reason: 'Ship it.',
    ticketUrl: null,
    operation: null,
    state: 'approved',
    previewSeal: null,
    heldDigest: null,
    held: false,
    stateReason: null,
    preview,
    danger: 1,
    idempotencyKey: null,
    idempotencyHash: null,
    createdAt: NOW,
    decideBy: addSeconds(NOW, 3_600),
    decidedAt: NOW,
    decidedBy: bob.human.id,
    version: 2,
  };
  grant = {
    id: newId('grn'),
    kind: 'elevated',
    requestId: request.id,
    agentId: agent.id,
    targetId,
    resources: request.resources,
    verbs: request.verbs,
    ttlSeconds: 600,
    maxUses: 3,
    uses: 0,
    state: 'ready',
    endReason: null,
    endedBy: null,
    reference: null,
    readyAt: NOW,
    collectBy: addSeconds(NOW, 600),
    collectedAt: null,
    expiresAt: null,
    endingAt: null,
    endedAt: null,
    proof: null,
    trouble: null,
    attempts: 0,
    retryAt: null,
    result: null,
    version: 1,
    createdAt: NOW,
  };
});

function statementOf(by: Cast, authority: Authority): ApproveStatement {
  const target = authority.targets.get(targetId);
  if (target === undefined) throw new Error('no target');
  return approveStatement({
    facts: factsOf(request, described, target),
    preview,
    limits: { ttlSeconds: request.ttlSeconds, maxUses: request.maxUses },
    requirements: requirementsOf(target.config, request),
    approver: by.human,
    key: by.signed,
    log: { events: 1, head: null },
    nonce: randomToken(24),
    issuedAt: NOW,
    expiresAt: addSeconds(NOW, 300),
  });
}

function approvalOf(by: Cast, statement: ApproveStatement, how = {}): Approval {
  const text = canonicalText(statement as unknown as Json);
  const assertion = by.key.assert(base64url(challengeOf(text)), how) as unknown as Approval['assertion'];
  return {
    id: newId('apr'),
    requestId: request.id,
    humanId: by.human.id,
    keyId: by.signed.id,
    nonce: statement.nonce,
    statement: text,
    assertion,
    createdAt: NOW,
  };
}

const everyone = () => authorityOf([ada, bob]);
const signed = (authority = everyone()) => approvalOf(bob, statementOf(bob, authority));
const mint = (change: Partial<Parameters<typeof authorizeMint>[0]> = {}) =>
  authorizeMint({
    approvals: [signed()],
    authority: everyone(),
    relyingParty: SIGN,
    request,
    grant,
    agent: collector(),
    now: addSeconds(NOW, 60),
    ...change,
  });
const refused = { code: 'statement_refused' };

/** Every value in a tree, with how to set another in its place. */
function* leaves(value: Json, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (value === null || typeof value !== 'object') yield path;
  else
    for (const [key, child] of Object.entries(value))
      yield* leaves(child as Json, [...path, Array.isArray(value) ? Number(key) : key]);
}

function altered(value: Json, [head, ...rest]: readonly (string | number)[]): Json {
  if (head === undefined)
    return typeof value === 'number'
      ? value + 1
      : typeof value === 'boolean'
        ? !value
        : value === null
          ? 'x'
          : `${value as string}x`;
  if (Array.isArray(value))
    return value.map((child, index) => (index === head ? altered(child as Json, rest) : (child as Json)));
  const fields = value as { [key: string]: Json };
  return { ...fields, [head]: altered(fields[head] ?? null, rest) };
}

describe('minting', () => {
  test('goes by what was signed, and names who signed', async () => {
    const { statement, target, approverIds } = await mint();
    expect(statement.request.id).toBe(request.id);
    expect(target.id).toBe(targetId);
    expect(approverIds).toEqual([bob.human.id]);
  });

  test('is refused for every single field of the statement that was changed after the signature (T1, T3)', async () => {
    const statement = statementOf(bob, everyone()) as unknown as Json;
    const paths = [...leaves(statement)];
    expect(paths.length).toBeGreaterThan(35);
    const good = approvalOf(bob, statement as unknown as ApproveStatement);
    for (const path of paths) {
      const forged = { ...good, statement: canonicalText(altered(statement, path)) };
      await expect(mint({ approvals: [forged] }), path.join('.')).rejects.toMatchObject(refused);
    }
  });

  const rows: ReadonlyArray<readonly [string, Partial<Request>]> = [
    ['another resource', { resources: ['deploy/db'] }],
    ['one more resource', { resources: ['deploy/api', 'deploy/db'] }],
    ['another verb', { verbs: ['stop'] }],
    ['more time', { ttlSeconds: 3_600 }],
    ['more uses', { maxUses: 4 }],
    ['no limit of uses', { maxUses: null }],
    ['another reason', { reason: 'x' }],
    ['a ticket', { ticketUrl: 'https://x.example' }],
    ['another agent', { agentId: newId('agt') }],
    ['another target', { targetId: newId('tgt') }],
    ['an operation', { operation: { sql: 'DELETE FROM x', parameters: [] } }],
    ['another state', { state: 'pending' }],
    ['another id', { id: newId('req') }],
  ];
  test.each(rows)('is refused where the request’s row has %s now (T3)', async (_name, row) => {
    await expect(mint({ request: { ...request, ...row } })).rejects.toMatchObject(refused);
  });

  const grants: ReadonlyArray<readonly [string, Partial<Grant>]> = [
    ['another resource', { resources: ['deploy/*'] }],
    ['another verb', { verbs: ['stop'] }],
    ['more time', { ttlSeconds: 601 }],
    ['more uses', { maxUses: 30 }],
    ['another agent', { agentId: newId('agt') }],
    ['another target', { targetId: newId('tgt') }],
    ['another request', { requestId: newId('req') }],
    ['another kind', { kind: 'exact' }],
  ];
  test.each(grants)('is refused where the grant’s row has %s (T30, T47)', async (_name, row) => {
    await expect(mint({ grant: { ...grant, ...row } })).rejects.toMatchObject(refused);
  });

  test.each([
    ['without an approval (T47)', () => ({ approvals: [] })],
    ['for an agent with another token', () => ({ agent: { ...collector(), tokenHash: sha256Base64url('other') } })],
    ['for an agent with another key', () => ({ agent: { ...collector(), keyThumbprint: sha256Base64url('key') } })],
    ['for another agent', () => ({ agent: { ...collector(), id: newId('agt') } })],
    ['past the signed window to collect', () => ({ now: addSeconds(NOW, 300 + 600 + 1) })],
    [
      'where the approver is disabled meanwhile (T66)',
      () => ({ authority: authorityOf([ada, { ...bob, human: { ...bob.human, active: false } }]) }),
    ],
    [
      'where the key is disabled meanwhile (T66)',
      () => ({ authority: authorityOf([ada, { ...bob, signed: { ...bob.signed, active: false } }]) }),
    ],
    [
      'where the approver only reviews now',
      () => ({ authority: authorityOf([ada, { ...bob, human: { ...bob.human, role: 'reviewer' } }]) }),
    ],
    [
      'where the key is somebody else’s',
      () => ({ authority: authorityOf([ada, { ...bob, signed: { ...bob.signed, humanId: ada.human.id } }]) }),
    ],
    ['where the approver is unknown', () => ({ authority: authorityOf([ada]) })],
    ['where the target is disabled', () => ({ authority: authorityOf([ada, bob], { active: false }) })],
    [
      'where the target was signed anew (T3)',
      () => ({ authority: authorityOf([ada, bob], { chainHash: sha256Base64url('later') }) }),
    ],
    [
      'where the target moved to production (T3)',
      () => ({ authority: authorityOf([ada, bob], { config: { ...config, environment: 'production' } }) }),
    ],
  ] as const)('is refused %s', async (_name, change) => {
    await expect(mint(change() as Parameters<typeof mint>[0])).rejects.toMatchObject(refused);
  });

  test('is refused for a signature made on web’s origin, without the person, in a frame, or by a copied class (T6, T9, T10, T11)', async () => {
    for (const how of [
      { origin: 'http://localhost:3000' },
      { uv: false },
      { crossOrigin: true },
      { synced: true },
      { type: 'webauthn.create' },
      { rpId: 'example.com' },
    ]) {
      await expect(mint({ approvals: [approvalOf(bob, statementOf(bob, everyone()), how)] })).rejects.toMatchObject(
        refused,
      );
    }
  });

  test('is refused where the row names another signer, key, request or nonce than the statement', async () => {
    for (const row of [
      { humanId: ada.human.id },
      { keyId: ada.signed.id },
      { requestId: newId('req') },
      { nonce: randomToken(24) },
    ]) {
      await expect(verifyApproval({ ...signed(), ...row }, everyone(), SIGN)).rejects.toMatchObject(refused);
    }
  });

  test('takes people, not keys and not signatures, to make a quorum (T16)', async () => {
    const two = (s: ApproveStatement): ApproveStatement => ({ ...s, policy: { ...s.policy, quorum: 2 } });
    const by = (who: Cast) => approvalOf(who, two(statementOf(who, everyone())));
    const cleo = await cast('Cleo', 'approver');
    const authority = authorityOf([ada, bob, cleo]);
    await expect(mint({ authority, approvals: [by(bob)] })).rejects.toMatchObject(refused);
    await expect(mint({ authority, approvals: [by(bob), by(bob)] })).rejects.toMatchObject(refused);
    const second = await cast('Bob', 'approver');
    const withSecond: Authority = {
      ...authority,
      keys: new Map([...authority.keys, [second.signed.id, { ...second.signed, humanId: bob.human.id }]]),
    };
    await expect(
      mint({ authority: withSecond, approvals: [by(bob), by({ ...second, human: bob.human })] }),
    ).rejects.toMatchObject(refused);
    expect((await mint({ authority, approvals: [by(bob), by(cleo)] })).approverIds).toEqual([
      bob.human.id,
      cleo.human.id,
    ]);
  });

  test('is refused where two people signed two different things', async () => {
    const cleo = await cast('Cleo', 'approver');
    const authority = authorityOf([ada, bob, cleo]);
    const other = statementOf(cleo, authority);
    const approvals = [signed(), approvalOf(cleo, { ...other, limits: { ...other.limits, ttlSeconds: 300 } })];
    await expect(mint({ authority, approvals })).rejects.toMatchObject(refused);
  });
});

describe('one’s own agent (T14)', () => {
  const own = (authority: Authority) => mint({ authority, approvals: [approvalOf(ada, statementOf(ada, authority))] });

  test('is approved by its owner only while nobody else could', async () => {
    await expect(own(authorityOf([ada]))).resolves.toBeDefined();
    await expect(own(everyone())).rejects.toMatchObject(refused);
  });

  test('is not, where the target does not allow it', async () => {
    await expect(own(authorityOf([ada], { config: { ...config, soleOwnerMayApprove: false } }))).rejects.toMatchObject(
      refused,
    );
  });
});

test('production is not approved with a synced passkey (T11)', async () => {
  const pat = await cast('Pat', 'approver', true);
  const production = { config: { ...config, environment: 'production' } };
  const approve = (who: Cast) => {
    const authority = authorityOf([ada, who], production);
    return mint({ authority, approvals: [approvalOf(who, statementOf(who, authority))] });
  };
  await expect(approve(pat)).rejects.toMatchObject(refused);
  await expect(approve(bob)).resolves.toBeDefined();
});

test('production is not minted on a key that nobody proved, once an owner no longer accepts such keys (T89)', async () => {
  const authority = authorityOf([ada, bob], { config: { ...config, environment: 'production' } });
  const approvals = [approvalOf(bob, statementOf(bob, authority))];
  await expect(mint({ authority, approvals })).resolves.toBeDefined();
  await expect(mint({ authority: { ...authority, acceptsClaimed: false }, approvals })).rejects.toMatchObject(refused);
});
