import type { SignedTarget } from '#lib/authority';
import { refuse, sha256Base64url } from '#lib/core';
import { isUpstream, type UpstreamConfig } from '#lib/targets';
import type { Warden } from '../../context';
import { envelope, type Offer, offer } from '../signing/draft';
import { allowed } from '../signing/propose';
import { type Look, openTicket, refuseNoOwner, strongestKey } from '../signing/ticket';
import { lookAtProvider, refuseDangers } from './add';

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
  const kept = input.secret === '';
  const secret = kept ? { kept: await ciphertextOf(warden, signed) } : { typed: input.secret };
  const seen = await lookAtProvider(warden, { targetId: signed.id, config, secret, signed: true });
  refuseDangers(seen.inspection);
  const statement = {
    ...(await envelope(look, strongestKey(look))),
    kind: 'target.renew' as const,
    targetId: signed.id as `tgt_${string}`,
    name: config.name,
    environment: config.environment,
    secret: kept ? ('kept' as const) : ('replaced' as const),
    secretDigest: sha256Base64url(seen.sealed),
    schemaHash: seen.config.kind === 'graphql' ? seen.config.schemaHash : null,
    report: seen.report,
  };
  return offer(look, { statement: allowed(look, statement), sealed: seen.sealed });
}

/** The ciphertext that was signed for; the warden cannot read it. */
async function ciphertextOf({ db, alarms }: Warden, { id, config, secretDigest }: SignedTarget): Promise<string> {
  const row = await db.providerSecret.findUnique({ where: { targetId: id } });
  if (row !== null && sha256Base64url(row.ciphertext) === secretDigest) return row.ciphertext;
  alarms.raise(
    'tampering',
    `The stored secret of target ${config.name} is not the one that was signed for. It is not used: type it again.`,
  );
  return refuse('minting_stopped', 'The stored secret of this target was changed. Type the secret again.');
}

async function opened(warden: Warden, ticket: string): Promise<Renewal> {
  const { ask, ...look } = await openTicket(warden, ticket);
  if (ask.kind !== 'target.renew') return refuse('gone', 'This link is for something else. Go back to the console.');
  refuseNoOwner(look);
  const signed = look.authority.targets.get(ask.params.targetId);
  if (!signed?.active || !isUpstream(signed.config)) return refuse('not_found', 'There is no such target.');
  return { look, signed, config: signed.config };
}
