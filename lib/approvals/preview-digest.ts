import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import type { Preview } from '#lib/statement';

/** SHA-256 of the preview's canonical JSON: what a statement says of the preview, and what is compared before a mint. */
export const previewDigest = (preview: Preview): string => sha256Base64url(canonicalText(preview as unknown as Json));
