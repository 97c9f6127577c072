import { expect, test } from 'vitest';
import { sha256Base64url } from '#lib/core';
import { type AgentFacts, describeAgent, sameAgent } from './index';

const JWK = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
/** RFC 8037, appendix A.3. */
const THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
const row = { id: 'agt_1', name: 'bot', tokenHash: sha256Base64url('token'), publicJwk: JWK };
const ada = { id: 'hum_1', name: 'Ada' };

const facts = (more: Partial<AgentFacts> = {}): AgentFacts => ({
  id: 'agt_1',
  tokenHash: sha256Base64url('token'),
  keyThumbprint: THUMBPRINT,
  ...more,
});

test('an agent is described with both thumbprints, and its owner as the caller knows them', async () => {
  expect(await describeAgent({ ...row, publicJwk: null }, ada)).toMatchObject({ keyThumbprint: null });
  expect(await describeAgent(row, ada)).toEqual({
    id: 'agt_1',
    name: 'bot',
    owner: { id: 'hum_1', name: 'Ada' },
    tokenThumbprint: sha256Base64url('token'),
    keyThumbprint: THUMBPRINT,
  });
});

test.each([
  ['the same facts', {}, true],
  ['another id', { id: 'agt_2' }, false],
  ['another token', { tokenHash: sha256Base64url('rotated') }, false],
  ['another key', { keyThumbprint: sha256Base64url('key') }, false],
  ['no key any more', { keyThumbprint: null }, false],
])('%s: %o', async (_case, more, same) => {
  expect(sameAgent(await describeAgent(row, ada), facts(more))).toBe(same);
});

test('a key that was added since is another agent', async () => {
  const signed = await describeAgent({ ...row, publicJwk: null }, ada);
  expect(sameAgent(signed, facts({ keyThumbprint: null }))).toBe(true);
  expect(sameAgent(signed, facts())).toBe(false);
});
