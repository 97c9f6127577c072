import { iso, refuse } from '#lib/core';
import type { Preview } from '#lib/statement';
import type { Ask, TokenConfig } from '#lib/targets';
import { formatDuration } from '#lib/text';
import type { Proof, Target, TokenParts, TokenState } from '../driver';

/** The user's own service, behind signed tokens: there is nothing to connect to and nothing to take away but the answer of introspection. */
export function tokenTarget(parts: Pick<TokenParts, 'mint' | 'introspect'>, config: TokenConfig): Target {
  return {
    inspect: async () => ({
      version: 'RFC 9068',
      tables: [],
      dangers: [],
      warnings: config.introspected ? [] : [NOT_INTROSPECTED],
      script: null,
    }),
    check: async () => undefined,
    preview: async (ask) => previewOfToken(config, ask),
    prepare: (grantId) => ({ reference: grantId, secret: '' }),
    mint: (prepared, limits) => parts.mint(config, prepared, limits),
    execute: async () => refuse('invalid_request', 'A token target runs no exact operation.'),
    way: () => null,
    end: async () => [],
    probe: async ({ reference }) => proofOfToken(config, reference, await parts.introspect(reference)),
    ready: async () => undefined,
    orphans: async () => [],
    expiredRoles: async () => [],
    sweepDead: async () => [],
  };
}

const NOT_INTROSPECTED =
  'The service does not ask the introspection endpoint: a revoked token works there until it expires.';

function previewOfToken(config: TokenConfig, ask: Ask): Preview {
  const uses =
    ask.maxUses === null ? 'any number of times' : `at most ${ask.maxUses} ${ask.maxUses === 1 ? 'time' : 'times'}`;
  return {
    effects: ask.resources.flatMap((resource) =>
      ask.verbs.map(
        (verb) => `May ${verb} ${resource} at ${config.audience}, ${uses}, for ${formatDuration(ask.ttlSeconds)}.`,
      ),
    ),
    touched: ask.resources.flatMap((resource) =>
      ask.verbs.map((verb) => ({ resource, how: verb, countedRows: null, estimatedRows: null })),
    ),
    warnings: config.introspected
      ? []
      : [NOT_INTROSPECTED, ...(ask.maxUses === null ? [] : ['And nobody can count its uses.'])],
    maxRows: null,
    plan: null,
  };
}

/** Without introspection only the clock kills a token: saying so earlier would be a lie. */
function proofOfToken(config: TokenConfig, jti: string, state: TokenState): Proof {
  if (state.expiresAt === null) return { dead: true, lines: [`No token was issued as ${jti}.`] };
  if (state.now >= state.expiresAt) return { dead: true, lines: [`Token ${jti} expired at ${iso(state.expiresAt)}.`] };
  if (!config.introspected)
    return { dead: false, lines: [`${NOT_INTROSPECTED} Token ${jti} expires at ${iso(state.expiresAt)}.`] };
  if (state.active) return { dead: false, lines: [`Introspection still says that token ${jti} is active.`] };
  return { dead: true, lines: [`Introspection answers that token ${jti} is not active.`] };
}
