import { type SignedColumns, spellRequest } from '#lib/approvals';
import type { Authority, SignedAgent } from '#lib/authority';
import { canonicalText, type Json, refuse, sha256Base64url } from '#lib/core';
import type { Request } from '#lib/db';
import type { Vault } from '#warden/vault';

type Sealable = SignedColumns & Pick<Request, 'id'>;

/** What of an agent says who collects, and whose it is. */
type Asker = Pick<SignedAgent, 'tokenHash' | 'keyThumbprint' | 'ownerId'>;

/** Who asks, as the chain has them now: their row is not read. Throws `invalid_request` where nobody signed for them. */
export const askerOf = ({ agents }: Authority, { agentId }: Pick<Request, 'agentId'>): SignedAgent =>
  agents.get(agentId) ?? refuse('invalid_request', 'The agent that asks is registered by nobody’s key.');

/** Seals a preview together with the terms it was made for and who asked. Only the warden can, and the seal opens for this request alone. */
export const sealPreview = (vault: Vault, request: Sealable, asker: Asker, preview: unknown): string =>
  vault.seal(request.id, bindingOf(request, asker, preview));

/** Whether this warden made this preview for these terms and this agent, and none was changed in the database since (P2, P3, T82). */
export function previewHolds(
  vault: Vault,
  request: Sealable & Pick<Request, 'preview' | 'previewSeal'>,
  asker: Asker,
): boolean {
  if (request.previewSeal === null) return false;
  try {
    return vault.open(request.id, request.previewSeal) === bindingOf(request, asker, request.preview);
  } catch {
    return false;
  }
}

const bindingOf = (request: Sealable, { tokenHash, keyThumbprint, ownerId }: Asker, preview: unknown): string =>
  sha256Base64url(
    canonicalText([
      'countersign/preview/v3',
      ...spellRequest(request),
      { tokenHash, keyThumbprint, ownerId },
      preview as Json,
    ]),
  );
