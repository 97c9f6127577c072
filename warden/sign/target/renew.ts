import type { SignedTarget } from '#lib/authority';
import { refuse, sha256Base64url } from '#lib/core';
import { isUpstream, type UpstreamConfig } from '#lib/targets';
import { openSecret } from '#warden/targets';
import type { Warden } from '../../context';
import { envelope, type Offer, offer } from '../signing/draft';
import { allowed } from '../signing/propose';
import { type Look, openTicket, refuseNoOwner, strongestKey } from '../signing/ticket';
import { lookedAt } from './add';

/** Which target a renewal is for. Its provider is asked nothing until a secret is typed or kept. */
export interface Renewing {
  readonly name: string;
  readonly environment: string;
  readonly url: string;
}

interface Renewal {
  readonly look: Look;
  readonly signed: SignedTarget;
  readonly config: UpstreamConfig;
}

/** What the form shows first. */
export async function renewing(warden: Warden, ticket: string): Promise<Renewing> {
  const { config } = await opened(warden, ticket);
  return { name: config.name, environment: config.environment, url: config.url };
}

/**
 * The statement that replaces the secret, or keeps it (an empty one), and takes
 * the provider's schema as it is now. Throws `target_refused` where the provider
 * does not take the secret.
 */
export async function draftRenewal(
  warden: Warden,
  input: { readonly ticket: string; readonly secret: string },
): Promise<Offer> {
  const { look, signed, config } = await opened(warden, input.ticket);
  const secret = input.secret === '' ? await openSecret(warden, signed) : input.secret;
  const { config: now } = await lookedAt(warden, { config, secret });
  const sealed = warden.vault.seal(signed.id, secret);
  const statement = {
    ...(await envelope(look, strongestKey(look))),
    kind: 'target.renew' as const,
    targetId: signed.id as `tgt_${string}`,
    name: config.name,
    environment: config.environment,
    secret: input.secret === '' ? ('kept' as const) : ('replaced' as const),
    secretDigest: sha256Base64url(sealed),
    schemaHash: now.kind === 'graphql' ? now.schemaHash : null,
  };
  return offer(look, allowed(look, statement), sealed);
}

async function opened(warden: Warden, ticket: string): Promise<Renewal> {
  const { ask, ...look } = await openTicket(warden, ticket);
  if (ask.kind !== 'target.renew') return refuse('gone', 'This link is for something else. Go back to the console.');
  refuseNoOwner(look);
  const signed = look.authority.targets.get(ask.params.targetId);
  if (!signed?.active || !isUpstream(signed.config)) return refuse('not_found', 'There is no such target.');
  return { look, signed, config: signed.config };
}
