import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import type { Ask } from '#lib/targets';

/** SHA-256 over every current record: kind, id and the digest of its body, in order. */
export const recordsDigest = (
  records: ReadonlyArray<{ readonly kind: string; readonly id: string; readonly digest: string }>,
): string =>
  sha256Base64url(
    records
      .map(({ kind, id, digest }) => `${kind} ${id} ${digest}`)
      .sort()
      .join('\n'),
  );

/** SHA-256 over the ids of grants that ended before their time, in order. */
export const endedDigest = (grantIds: Iterable<string>): string => sha256Base64url([...grantIds].sort().join('\n'));

/** SHA-256 of any value's canonical JSON. */
export const digestOf = (value: unknown): string => sha256Base64url(canonicalText(value as Json));

/** What a look was made for: everything that an agent asked, and of which target. */
export const askDigest = (requestId: string, agentId: string, targetId: string, ask: Ask): string =>
  digestOf([requestId, agentId, targetId, ask.resources, ask.verbs, ask.ttlSeconds, ask.maxUses, ask.operation]);
