import { type SignedColumns, spellRequest } from '#lib/approvals';
import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import type { Request } from '#lib/db';
import type { Vault } from '#warden/vault';

type Sealable = SignedColumns & Pick<Request, 'id'>;

/** Seals a preview together with the terms it was made for. Only the warden can, and the seal opens for this request alone. */
export const sealPreview = (vault: Vault, request: Sealable, preview: unknown): string =>
  vault.seal(request.id, bindingOf(request, preview));

/** Whether this warden made this preview for these terms, and neither was changed in the database since (P2, P3). */
export function previewHolds(vault: Vault, request: Sealable & Pick<Request, 'preview' | 'previewSeal'>): boolean {
  if (request.previewSeal === null) return false;
  try {
    return vault.open(request.id, request.previewSeal) === bindingOf(request, request.preview);
  } catch {
    return false;
  }
}

const bindingOf = (request: Sealable, preview: unknown): string =>
  sha256Base64url(canonicalText(['countersign/preview/v1', ...spellRequest(request), preview as Json]));
