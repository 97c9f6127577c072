import type { GraphQLSchema } from 'graphql';
import { type GraphqlJudge, graphqlJudge } from '#gateway/classify';
import type { Upstream } from '#gateway/upstream';
import type { Authority, SignedTarget } from '#lib/authority';
import { refuse } from '#lib/core';
import { graphqlProfile } from '#lib/profiles';
import { isUpstream, type UpstreamConfig } from '#lib/targets';
import { openUpstream } from '#warden/targets';
import type { Warden } from '../../warden/context';

/** A target as the gateway works with it: its secret opened, its schema loaded. */
export interface OpenTarget {
  readonly signed: SignedTarget;
  readonly config: UpstreamConfig;
  readonly upstream: Upstream;
  /** Judges its calls; null for http, where there is nothing to remember. */
  readonly judge: GraphqlJudge | null;
}

export interface Desk {
  /** The active target of that name. One that never was and one that is switched off are the same answer (T46). */
  find(authority: Authority, name: string): Promise<OpenTarget>;
}

/**
 * Opened targets, kept for as long as nothing that was signed about them
 * changes: a call at rest opens nothing and asks no database.
 */
export function createDesk(warden: Warden): Desk {
  const names = new WeakMap<Authority, ReadonlyMap<string, SignedTarget>>();
  const open = new Map<string, { readonly version: string; readonly target: Promise<OpenTarget> }>();

  return {
    async find(authority, name) {
      const known = names.get(authority) ?? byName(authority);
      names.set(authority, known);
      const signed = known.get(name);
      if (signed === undefined || !isUpstream(signed.config)) return refuse('not_found', 'There is nothing here.');
      const version = versionOf(signed);
      const kept = open.get(signed.id);
      if (kept?.version === version) return kept.target;
      const target = openTarget(warden, signed, signed.config);
      open.set(signed.id, { version, target });
      // What could not be opened is tried again by the next call.
      target.catch(() => open.get(signed.id)?.target === target && open.delete(signed.id));
      return target;
    },
  };
}

const byName = ({ targets }: Authority): ReadonlyMap<string, SignedTarget> =>
  new Map([...targets.values()].filter(({ active }) => active).map((target) => [target.config.name, target]));

const versionOf = ({ secretDigest, config }: SignedTarget): string =>
  `${secretDigest} ${config.kind === 'graphql' ? config.schemaHash : ''}`;

async function openTarget(warden: Warden, signed: SignedTarget, config: UpstreamConfig): Promise<OpenTarget> {
  const { upstream, schema } = await openUpstream(warden, signed);
  return { signed, config, upstream, judge: schema === null ? null : judgeOf(config, schema) };
}

function judgeOf(config: UpstreamConfig, schema: GraphQLSchema): GraphqlJudge | null {
  if (config.kind !== 'graphql') return null;
  const { opens, closes } = config;
  return graphqlJudge({ profile: graphqlProfile(config.profile), opens, closes, schema });
}
