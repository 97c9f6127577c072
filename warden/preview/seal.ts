import { type SignedColumns, spellRequest } from '#lib/approvals';
import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import type { Agent, Db, Request } from '#lib/db';
import type { Vault } from '#warden/vault';

type Sealable = SignedColumns & Pick<Request, 'id'>;

/** What of an agent says who collects, and whose it is. */
type Asker = Pick<Agent, 'tokenHash' | 'publicJwk' | 'ownerId'>;

/** Who asks, as their row has them now. */
export const askerOf = (db: Db, { agentId }: Pick<Request, 'agentId'>): Promise<Asker> =>
  db.agent.findUniqueOrThrow({
    where: { id: agentId },
    select: { tokenHash: true, publicJwk: true, ownerId: true },
  });

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

const bindingOf = (request: Sealable, { tokenHash, publicJwk, ownerId }: Asker, preview: unknown): string =>
  sha256Base64url(
    canonicalText([
      'countersign/preview/v2',
      ...spellRequest(request),
      { tokenHash, publicJwk: publicJwk as Json, ownerId },
      preview as Json,
    ]),
  );
