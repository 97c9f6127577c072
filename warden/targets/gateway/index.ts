import { refuse } from '#lib/core';
import type { UpstreamConfig } from '#lib/targets';
import type { Target, TokenParts } from '../driver';
import { proofAtGateway } from './proof';

/**
 * A provider behind the gateway. To the warden it is an audience: it signs tokens
 * for the gateway, and knows when they are over. Looking there and running there
 * is the gateway's, which holds the secret.
 */
export function gatewayTarget(
  tokens: Pick<TokenParts, 'mintForGateway' | 'introspect'>,
  config: UpstreamConfig,
): Target {
  return {
    inspect: notHere,
    check: async () => undefined,
    preview: notHere,
    prepare: (grantId) => ({ reference: grantId, secret: '' }),
    mint: (prepared, limits) => tokens.mintForGateway(config, prepared, limits),
    execute: notHere,
    way: () => null,
    end: async () => [],
    probe: async ({ reference }) => proofAtGateway(reference, await tokens.introspect(reference)),
    ready: async () => undefined,
    orphans: async () => [],
    expiredRoles: async () => [],
    sweepDead: async () => [],
  };
}

const notHere = async (): Promise<never> => refuse('internal', 'Only the gateway speaks to this target.');
