import { z } from 'zod';
import { TargetConfig } from '#lib/targets';
import { Digest, Instant } from './fields';

/** By the warden: a target behind the gateway, as its owner signed it. */
export const TargetRecord = z.strictObject({
  id: z.string(),
  config: TargetConfig,
  /** Of the secret's ciphertext, as the chain says it. */
  secretDigest: z.string(),
  chainHash: Digest,
  active: z.boolean(),
});
export type TargetRecord = z.infer<typeof TargetRecord>;

/** By the warden: an agent as keys signed for it, and whether it counts now. */
export const AgentRecord = z.strictObject({
  id: z.string(),
  tokenHash: Digest,
  publicJwk: z.json().nullable(),
  /** The token that it renewed itself, while that goes on. */
  before: z.strictObject({ tokenHash: Digest, until: Instant }).nullable(),
  active: z.boolean(),
});
export type AgentRecord = z.infer<typeof AgentRecord>;

/** By the warden: which agent may read which target at rest. */
export const RestRecord = z.strictObject({
  agentId: z.string(),
  targetId: z.string(),
  tokenThumbprint: Digest,
  keyThumbprint: Digest.nullable(),
  reads: z.array(z.string()),
  ttlSeconds: z.int(),
  chainHash: Digest,
});
export type RestRecord = z.infer<typeof RestRecord>;

/**
 * By the warden, at once on any change and otherwise every half second: what
 * counts now. Rows are checked against its digests; what is older than a bound
 * counts no more.
 */
export const Head = z.strictObject({
  /** Grows by at least one with every head. */
  seq: z.int().min(1),
  /** The database's time. */
  at: Instant,
  /** Why nothing passes at all, for the agent; null in ordinary times. */
  halted: z.string().nullable(),
  /** `recordsDigest` of every current record. */
  records: Digest,
  /** Freezes that stand, whatever the rows say. */
  frozen: z.array(z.string()),
  /** Freezes that an owner's key has ended: every other one in the rows stands as well. */
  thawed: z.array(z.string()),
  /** Grants that ended before their credential's `exp`: how many, and `endedDigest` of them. */
  ended: z.strictObject({ count: z.int().min(0), digest: Digest }),
  /** By instance of the gateway: the latest nonce it wrote. */
  nonces: z.record(z.string(), z.string()),
});
export type Head = z.infer<typeof Head>;
