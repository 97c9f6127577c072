import type { GraphQLSchema } from 'graphql';
import { type GraphqlClassifier, graphqlClassifier } from '#gateway/classify';
import type { SignedState, SignedUpstream } from '#gateway/head';
import { openTarget } from '#gateway/providers';
import type { Upstream } from '#gateway/upstream';
import { refuse } from '#lib/core';
import { graphqlProfile } from '#lib/profiles';
import type { UpstreamConfig } from '#lib/targets';
import type { Gateway } from '../context';

/** A target as the gateway works with it: its secret opened, its schema loaded. */
export interface OpenTarget {
  readonly signed: SignedUpstream;
  readonly config: UpstreamConfig;
  readonly upstream: Upstream;
  /** Classifies its calls; null for http, where there is nothing to remember. */
  readonly classifier: GraphqlClassifier | null;
}

export interface OpenTargets {
  /** The active target of that name. One that never was and one that is switched off are the same answer (T46). */
  find(state: SignedState, name: string): Promise<OpenTarget>;
}

/**
 * Opened targets, kept for as long as nothing that was signed about them
 * changes: a call at rest opens nothing and asks no database.
 */
export function createOpenTargets(gateway: Gateway): OpenTargets {
  const open = new Map<string, { readonly signed: SignedUpstream; readonly target: Promise<OpenTarget> }>();
  return {
    async find({ targetsByName }, name) {
      const signed = targetsByName.get(name) ?? refuse('not_found', 'There is nothing here.');
      const kept = open.get(signed.id);
      // A newer head shares the records that did not change.
      if (kept?.signed === signed) return kept.target;
      const target = opened(gateway, signed);
      open.set(signed.id, { signed, target });
      // What could not be opened is tried again by the next call.
      target.catch(() => open.get(signed.id)?.target === target && open.delete(signed.id));
      return target;
    },
  };
}

async function opened(gateway: Gateway, signed: SignedUpstream): Promise<OpenTarget> {
  const { upstream, schema } = await openTarget(gateway, signed);
  const { config } = signed;
  return { signed, config, upstream, classifier: schema === null ? null : classifierOf(config, schema) };
}

function classifierOf(config: UpstreamConfig, schema: GraphQLSchema): GraphqlClassifier | null {
  if (config.kind !== 'graphql') return null;
  const { opens, closes } = config;
  return graphqlClassifier({ profile: graphqlProfile(config.profile), opens, closes, schema });
}
