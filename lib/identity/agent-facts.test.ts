import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SignedAgent } from '#lib/authority';
import { sha256Base64url } from '#lib/core';
import { type AgentFacts, describeAgent, isAgent, sameAgent } from './index';

const JWK = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;
/** RFC 8037, appendix A.3. */
const THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
const agent: SignedAgent = {
  ...{ id: 'agt_1', name: 'bot', ownerId: 'hum_1', tokenHash: sha256Base64url('token'), collectHash: null },
  ...{
    publicJwk: JWK,
    keyThumbprint: THUMBPRINT,
    tokenHint: 'abcd',
    issuedAt: new Date(0),
    expiresAt: new Date(0),
    before: null,
    chainHash: '',
  },
};
const bare: SignedAgent = { ...agent, publicJwk: null, keyThumbprint: null };
const ada = { id: 'hum_1', name: 'Ada' };

const facts = (more: Partial<AgentFacts> = {}): AgentFacts => ({
  id: 'agt_1',
  tokenHash: sha256Base64url('token'),
  keyThumbprint: THUMBPRINT,
  ...more,
});

test('an agent is described with both thumbprints, and its owner as the caller knows them', () => {
  expect(describeAgent(bare, ada)).toMatchObject({ keyThumbprint: null });
  expect(describeAgent(agent, ada)).toEqual({
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
])('%s: %o', (_case, more, same) => {
  expect(sameAgent(describeAgent(agent, ada), facts(more))).toBe(same);
  expect(isAgent(agent, facts(more))).toBe(same);
});

test('a key that was added since is another agent', () => {
  const signed = describeAgent(bare, ada);
  expect(sameAgent(signed, facts({ keyThumbprint: null }))).toBe(true);
  expect(sameAgent(signed, facts())).toBe(false);
});

/* What a second comparison would need: an agent's token or key held against another. */
const FACT = '(?:tokenHash|tokenThumbprint|token_hash|ask_token|keyThumbprint|jkt)';
const COMPARISON = new RegExp(String.raw`\b${FACT}\b\)?\s*[!=]==(?!\s*null\b)|[!=]==\s*\(?[\w.?]*\b${FACT}\b`);

const comparing = (sources: ReadonlyMap<string, string>): string[] =>
  [...sources].filter(([, text]) => COMPARISON.test(text)).map(([path]) => path);

function ownSources(): Map<string, string> {
  const paths = ['lib', 'warden', 'gateway', 'app', 'components'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  const own = paths.filter((path) => /\.tsx?$/.test(path) && !/\.test\.|generated|attacks/.test(path));
  return new Map(own.sort().map((path) => [path, readFileSync(path, 'utf8')]));
}

describe('Whether an agent is the one that was signed for', () => {
  test('is asked in one place, and nowhere else put together again', () => {
    const sources = ownSources();
    expect(sources.size).toBeGreaterThan(300);
    expect(comparing(sources)).toEqual([
      // An entry of the chain names the agent as the chain has it.
      'lib/authority/agent-rules.ts',
      'lib/identity/agent-facts.ts',
    ]);
  });

  test.each([
    'if (record.tokenHash !== claims.ask_token) refuse();',
    'const same = rest.keyThumbprint === agent.keyThumbprint;',
    'if (agent.keyThumbprint !== (claims.cnf?.jkt ?? null)) refuse();',
    'if ((await jwkThumbprint(jwk)) === wanted.keyThumbprint) order();',
  ])('of which another is noticed: %s', (line) => {
    expect(comparing(new Map([['warden/api/again.ts', line]]))).toHaveLength(1);
  });

  test('though whether an agent has a key at all may be asked anywhere', () => {
    expect(comparing(new Map([['a.ts', "agent.keyThumbprint === null ? 'Bearer' : 'DPoP'"]]))).toEqual([]);
  });
});
