import type { GraphQLSchema } from 'graphql';
import type { SignedUpstream } from '#gateway/head';
import type { Upstream, Upstreams } from '#gateway/upstream';
import { type AlarmCode, openSecret, type Vault } from '#gateway/vault';
import type { Hot } from '#lib/db';
import type { Alarms } from '#lib/process';
import type { UpstreamConfig } from '#lib/targets';
import { graphqlProvider } from './graphql';
import { httpProvider } from './http';
import type { Provider, ProviderParts } from './provider';
import { signedSchema } from './schemas';

/** What opening a target takes. */
interface Opening {
  readonly hot: Hot;
  readonly vault: Vault;
  readonly alarms: Alarms<AlarmCode>;
  readonly upstreams: Upstreams;
}

/** A target that can be spoken to, and classified. */
export interface OpenedTarget {
  readonly upstream: Upstream;
  readonly schema: GraphQLSchema | null;
  readonly provider: Provider;
}

/**
 * The target as an owner signed it, opened with the secret whose ciphertext they
 * signed and classified by the schema whose hash they signed. Throws
 * `minting_stopped`, with an alarm, where the database holds another than that.
 */
export async function openTarget(gateway: Opening, signed: SignedUpstream): Promise<OpenedTarget> {
  const { config } = signed;
  const [secret, schema] = await Promise.all([openSecret(gateway, signed), signedSchema(gateway, config)]);
  const upstream = gateway.upstreams.open(config, secret);
  return { upstream, schema, provider: providerOf(config, { upstream, schema }) };
}

/** The one place that knows every kind. */
export function providerOf(config: UpstreamConfig, parts: ProviderParts): Provider {
  return config.kind === 'graphql' ? graphqlProvider(parts, config) : httpProvider(parts, config);
}
