import { describe, expect, test } from 'vitest';
import type { Ask, TokenConfig } from '#lib/targets';
import type { TokenState } from '../driver';
import { tokenTarget } from './index';

const config: TokenConfig = {
  kind: 'token',
  name: 'deploys',
  environment: 'production',
  soleOwnerMayApprove: false,
  maxTtlSeconds: 3600,
  audience: 'https://deploy.example',
  resources: ['deploy/*'],
  verbs: ['start', 'stop'],
  destructiveVerbs: ['stop'],
  introspected: true,
  serviceTokenHash: 'x'.repeat(43),
};
const ask: Ask = { resources: ['deploy/api'], verbs: ['stop'], ttlSeconds: 600, maxUses: 1, operation: null };
const now = new Date('2026-01-01T00:10:00.000Z');
const later = new Date('2026-01-01T00:20:00.000Z');

const open = (state: TokenState, introspected = true) =>
  tokenTarget(
    { mint: () => Promise.reject(new Error('not here')), introspect: () => Promise.resolve(state) },
    { ...config, introspected },
  );

describe('a token', () => {
  test.each([
    ['was never issued', { active: false, expiresAt: null, now }, true, true],
    ['has expired', { active: false, expiresAt: now, now }, false, true],
    ['was revoked, and the service asks on every call', { active: false, expiresAt: later, now }, true, true],
    ['was revoked, and the service does not ask', { active: false, expiresAt: later, now }, false, false],
    ['is still active', { active: true, expiresAt: later, now }, true, false],
  ])('that %s is dead only where it can do nothing any more (P5)', async (_title, state, introspected, dead) => {
    expect((await open(state, introspected).probe({ reference: 'grn_1', secret: '' })).dead).toBe(dead);
  });

  test('is previewed in plain sentences, with what revoking cannot do', async () => {
    const state = { active: true, expiresAt: later, now };
    expect((await open(state).preview(ask, 'req_1')).effects).toEqual([
      'May stop deploy/api at https://deploy.example, at most 1 time, for 10 minutes.',
    ]);
    expect((await open(state, false).preview(ask, 'req_1')).warnings).toHaveLength(2);
  });

  test('goes by the id of its grant, and runs no operation', async () => {
    const target = open({ active: true, expiresAt: later, now });
    expect(target.prepare('grn_1').reference).toBe('grn_1');
    await expect(
      target.execute(
        { reference: 'grn_1', secret: '' },
        { sql: 'SELECT 1', parameters: [] },
        {
          verbs: [],
          maxRows: 1,
          touched: [],
          ask,
          preview: { effects: [], touched: [], warnings: [], maxRows: 1, plan: null },
          beforeSend: async () => undefined,
        },
      ),
    ).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
