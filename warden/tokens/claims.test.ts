import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createTokenVerifier } from '#lib/tokens';
import { graphqlConfig } from '#testing/provider';
import type { MintLimits } from '#warden/targets';
import { tokenParts } from './index';

const { privateKey: signingKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuer = 'https://agents.example.com';
const gatewayOrigin = 'https://gateway.example.com';
const read = createTokenVerifier([publicKey], { issuer });
const parts = tokenParts({ db: {} as never, signingKey, issuer, gatewayOrigin });
const now = new Date('2026-01-01T00:00:00.900Z');
const config = graphqlConfig('https://api.example.com/graphql', { name: 'railway' });

const limits = (more: Partial<MintLimits> = {}): MintLimits => ({
  grantId: 'grn_1',
  targetId: 'tgt_1',
  agent: { id: 'agt_1', tokenHash: 'hash', keyThumbprint: null },
  resources: ['volume/v1'],
  verbs: ['update'],
  maxUses: 3,
  mintedAt: now,
  expiresAt: new Date(now.getTime() + 600_000),
  comment: '',
  ...more,
});
const mint = (more: Partial<MintLimits> = {}) =>
  parts.mintForGateway(config, { reference: 'grn_1', secret: '' }, limits(more));

describe('A token for the gateway', () => {
  test('is good for one target there, and says no more than was approved (T26, T30)', async () => {
    const delivery = await mint();
    if (delivery.kind !== 'gateway') throw new Error('another kind');
    expect(delivery).toMatchObject({ url: `${gatewayOrigin}/t/railway`, tokenType: 'Bearer' });
    const claims = read(delivery.accessToken);
    expect(claims).toMatchObject({ aud: `${gatewayOrigin}/t/railway`, jti: 'grn_1', sub: 'agt_1', ask_token: 'hash' });
    expect(claims).toMatchObject({ target_id: 'tgt_1' });
    expect(claims?.authorization_details).toEqual([
      {
        type: 'countersign',
        locations: [`${gatewayOrigin}/t/railway`],
        actions: ['update'],
        resources: ['volume/v1'],
        max_uses: 3,
      },
    ]);
    expect((claims?.exp ?? 0) * 1_000).toBeLessThanOrEqual(limits().expiresAt.getTime());
    expect(claims).not.toHaveProperty('cnf');
  });

  test('is bound to the agent’s key where it has one', async () => {
    const delivery = await mint({ agent: { id: 'agt_1', tokenHash: 'hash', keyThumbprint: 'jkt' } });
    if (delivery.kind !== 'gateway') throw new Error('another kind');
    expect(delivery.tokenType).toBe('DPoP');
    expect(read(delivery.accessToken)).toMatchObject({ cnf: { jkt: 'jkt' } });
  });

  test('is not made where the warden runs the one operation itself', async () => {
    expect(await mint({ exact: true })).toMatchObject({ kind: 'gateway', accessToken: '' });
  });
});
