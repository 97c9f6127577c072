import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newId, sha256Base64url } from '#lib/core';
import { type Grant, Prisma, type Request } from '#lib/db';
import { requirementsOf } from '#lib/policy';
import type { ApproveStatement, Preview, RequestFacts } from '#lib/statement';
import { TargetConfig } from '#lib/targets';
import { approveStatement, factsOf } from './build';
import { type Coverage, grantUnchanged, requestUnchanged, sharedText, signedGrantTerms, spellRequest } from './terms';

/*
 * The cast: Ada's bot asks a service for its deploys; Ada signs. Nothing here
 * is verified: these tests are about which bytes are compared.
 */
const NOW = new Date('2026-01-01T12:00:00.000Z');
const digest = sha256Base64url('x');
const ids = { request: newId('req'), agent: newId('agt'), target: newId('tgt'), ada: newId('hum'), key: newId('key') };
const config = TargetConfig.parse({
  kind: 'token',
  name: 'deploys',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  audience: 'https://deploys.example',
  resources: ['deploy/*'],
  verbs: ['start', 'stop'],
  destructiveVerbs: ['stop'],
  introspected: true,
  serviceTokenHash: digest,
});
const target = { id: ids.target, config, secretDigest: digest, chainHash: digest, active: true };
const agent: RequestFacts['agent'] = {
  id: ids.agent,
  name: 'bot',
  owner: { id: ids.ada, name: 'Ada' },
  tokenThumbprint: digest,
  keyThumbprint: null,
};
const preview: Preview = { effects: ['May start deploys.'], touched: [], warnings: [], maxRows: null, plan: null };
const sql = { sql: 'DELETE FROM deploys WHERE id = $1', parameters: ['7'] };

const request = (more: Partial<Request> = {}): Request => ({
  id: ids.request,
  agentId: ids.agent,
  targetId: ids.target,
  resources: ['deploy/api'],
  verbs: ['start'],
  ttlSeconds: 600,
  maxUses: 3,
  reason: 'Ship it.',
  ticketUrl: null,
  operation: null,
  state: 'approved',
  previewSeal: null,
  held: false,
  heldDigest: null,
  stateReason: null,
  preview,
  danger: 1,
  idempotencyKey: null,
  idempotencyHash: null,
  createdAt: NOW,
  decideBy: NOW,
  decidedAt: NOW,
  decidedBy: ids.ada,
  version: 2,
  ...more,
});

const statement = (row: Request): ApproveStatement =>
  approveStatement({
    facts: factsOf(row, agent, target),
    preview,
    limits: { ttlSeconds: row.ttlSeconds, maxUses: row.maxUses },
    requirements: requirementsOf(config, row, preview),
    approver: { id: ids.ada, name: 'Ada', email: 'ada@example.com', role: 'owner', active: true },
    key: {
      id: ids.key,
      credentialId: 'c',
      publicKey: 'p',
      class: 'claimed',
      aaguid: '',
      label: 'key',
      humanId: ids.ada,
      active: true,
    },
    log: { events: 1, head: null },
    nonce: 'n'.repeat(32),
    issuedAt: NOW,
    expiresAt: NOW,
  });

const grant = (row: Request, more: Partial<Grant> = {}): Grant =>
  ({ ...signedGrantTerms(statement(row)), id: newId('grn'), state: 'ready', uses: 0, ...more }) as Grant;

const names = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 });
const rows = fc
  .record({
    resources: names,
    verbs: names,
    ttlSeconds: fc.integer({ min: 1, max: 86_400 }),
    maxUses: fc.option(fc.integer({ min: 1, max: 100_000 })),
    reason: fc.string(),
    ticketUrl: fc.option(fc.webUrl()),
    operation: fc.option(
      fc.record({ sql: fc.string({ minLength: 1, maxLength: 50 }), parameters: fc.array(fc.string()) }),
    ),
  })
  .map(request);

/** Another value than the row has, for every column that an agent chooses. */
const CHOSEN: { readonly [C in keyof Request]?: fc.Arbitrary<Request[C]> } = {
  agentId: fc.constant(newId('agt')),
  targetId: fc.constant(newId('tgt')),
  resources: names,
  verbs: names,
  ttlSeconds: fc.integer({ min: 1, max: 86_400 }),
  maxUses: fc.option(fc.integer({ min: 1, max: 100_000 })),
  reason: fc.string(),
  ticketUrl: fc.option(fc.webUrl()),
  operation: fc.option(
    fc.record({ sql: fc.string({ minLength: 1, maxLength: 50 }), parameters: fc.array(fc.string()) }),
  ),
};

/** What Countersign writes. No agent chooses it, and nothing that is granted follows from it. */
const OWN = [
  ...[
    'id',
    'preview',
    'previewSeal',
    'danger',
    'held',
    'heldDigest',
    'idempotencyKey',
    'idempotencyHash',
    'createdAt',
    'decideBy',
  ],
  ...['state', 'stateReason', 'decidedAt', 'decidedBy', 'version'],
];

describe('What is signed of a request', () => {
  test('is every column of its row but the ones named here as our own', () => {
    expect([...Object.keys(CHOSEN), ...OWN].sort()).toEqual(Object.keys(Prisma.RequestScalarFieldEnum).sort());
  });

  test('has these bytes: the seals of previews that wait in a database rest on them', () => {
    expect(spellRequest(request({ operation: sql, ticketUrl: 'https://t.example/1' }))).toEqual([
      ids.agent,
      ids.target,
      ['deploy/api'],
      ['start'],
      600,
      3,
      'Ship it.',
      'https://t.example/1',
      sql,
    ]);
  });

  test('is what the row says, for every row a statement was made of', () => {
    fc.assert(fc.property(rows, (row) => requestUnchanged(row, statement(row))));
  });

  test.each(Object.entries(CHOSEN))(
    'holds %s: any other value in the row afterwards is noticed (T3)',
    (column, other) => {
      fc.assert(
        fc.property(rows, other as fc.Arbitrary<unknown>, (row, value) => {
          fc.pre(JSON.stringify(value) !== JSON.stringify(row[column as keyof Request]));
          expect(requestUnchanged({ ...row, [column]: value }, statement(row))).toBe(false);
        }),
      );
    },
  );

  test('does not compile with a column that is neither signed nor named as unsigned', () => {
    type Listed = Coverage<Pick<Request, 'id' | 'reason'>>;
    const listed: Listed = { id: 'unsigned', reason: 'signed' };
    // @ts-expect-error: the column `urgency` is new, and nobody said whether it is signed.
    const wider: Coverage<Pick<Request, 'id' | 'reason'> & { readonly urgency: number }> = listed;
    expect(wider).toBe(listed);
  });
});

describe('What is signed of a grant', () => {
  test('is what a new grant is made of', () => {
    expect(grantUnchanged(grant(request()), statement(request()))).toBe(true);
    const exact = request({ operation: sql });
    expect(grant(exact).kind).toBe('exact');
    expect(grantUnchanged(grant(exact), statement(exact))).toBe(true);
  });

  test.each([
    ['kind', 'exact'],
    ['requestId', newId('req')],
    ['agentId', newId('agt')],
    ['targetId', newId('tgt')],
    ['resources', ['deploy/*']],
    ['verbs', ['stop']],
    ['ttlSeconds', 601],
    ['maxUses', null],
  ])('holds %s: another value in the row afterwards is noticed (T30, T47)', (column, value) => {
    expect(grantUnchanged(grant(request(), { [column]: value }), statement(request()))).toBe(false);
  });
});

describe('What two approvers must have signed alike', () => {
  const first = statement(request());

  test.each([
    ['nonce', 'm'.repeat(32)],
    ['issuedAt', '2026-01-01T12:00:01.000Z'],
    ['expiresAt', '2026-01-01T12:00:01.000Z'],
    ['approver', { id: newId('hum'), name: 'Bob' }],
    ['key', { id: newId('key'), class: 'attested' }],
    ['log', { events: 2, head: null }],
  ])('is not their own %s', (field, value) => {
    expect(sharedText({ ...first, [field]: value } as ApproveStatement)).toBe(sharedText(first));
  });

  test('is everything else', () => {
    const own = ['nonce', 'issuedAt', 'expiresAt', 'approver', 'key', 'log'];
    const shared = Object.keys(first).filter((field) => !own.includes(field));
    expect(shared.length).toBeGreaterThan(8);
    for (const field of shared)
      expect(sharedText({ ...first, [field]: 'another' } as never), field).not.toBe(sharedText(first));
  });
});
