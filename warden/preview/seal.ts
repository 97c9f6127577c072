import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import type { Request } from '#lib/db';
import type { Vault } from '#warden/vault';

type Sealable = Pick<
  Request,
  | 'id'
  | 'agentId'
  | 'targetId'
  | 'resources'
  | 'verbs'
  | 'ttlSeconds'
  | 'maxUses'
  | 'reason'
  | 'ticketUrl'
  | 'operation'
>;

/** Ties a preview to the very ask it was made for. Only the warden can make it, and only for this request. */
export const sealPreview = (vault: Vault, request: Sealable, preview: unknown): string =>
  vault.seal(request.id, bindingOf(request, preview));

/** Whether this warden found this preview for this ask: neither row was touched since (P2, P3). */
export function previewHolds(vault: Vault, request: Sealable & Pick<Request, 'preview' | 'previewSeal'>): boolean {
  if (request.previewSeal === null) return false;
  try {
    return vault.open(request.id, request.previewSeal) === bindingOf(request, request.preview);
  } catch {
    return false;
  }
}

const bindingOf = (r: Sealable, preview: unknown): string =>
  sha256Base64url(
    canonicalText([
      'countersign/preview/v1',
      r.agentId,
      r.targetId,
      r.resources,
      r.verbs,
      r.ttlSeconds,
      r.maxUses,
      r.reason,
      r.ticketUrl,
      r.operation as Json,
      preview as Json,
    ]),
  );
