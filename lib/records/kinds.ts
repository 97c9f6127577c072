import { z } from 'zod';
import { ERROR_CODES } from '#lib/core';
import { OPERATION_CLASSES } from '#lib/profiles';
import { Preview } from '#lib/statement';
import { type Ask, Operation, TargetConfig } from '#lib/targets';
import { visible } from '#lib/text';

const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const Instant = z.iso.datetime({ precision: 3 });

/** Why not. A reason that is none of ours, of another version or a liar's, is read as the one that promises nothing. */
const Reason = z.enum(ERROR_CODES).catch('unavailable');

/** What an agent or a person is told, cut to what anybody reads. */
const MOST_WORDS = 2_000;
const Words = z.string().transform((text) => visible(text.slice(0, MOST_WORDS), { multiline: true }));

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

/** By the warden: an agent as its row was when the warden read it. */
export const AgentRecord = z.strictObject({
  id: z.string(),
  tokenHash: Digest,
  publicJwk: z.json().nullable(),
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

/** By the gateway key: a copy of the gateway, and the key it signs results with. */
export const InstanceCertificate = z.strictObject({
  id: z.string().regex(/^gwi_[0-9a-z]{20}$/),
  jwk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  issuedAt: Instant,
});
export type InstanceCertificate = z.infer<typeof InstanceCertificate>;

const Act = z.strictObject({
  operation: z.string(),
  class: z.enum(OPERATION_CLASSES),
  resource: z.string(),
  verb: z.string(),
  why: z.string(),
});

/** By the gateway key: what a request at a provider would do. `found` or `refused`. */
export const Look = z.strictObject({
  requestId: z.string(),
  /** `askDigest` of what was looked at. */
  ask: Digest,
  targetChainHash: Digest,
  profileHash: Digest,
  at: Instant,
  outcome: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('found'),
      /** The operation in the words it would be sent in; null for a grant of a kind. */
      operation: Operation.nullable(),
      acts: z.array(Act),
      danger: z.int().min(0),
      preview: Preview,
    }),
    z.strictObject({ kind: z.literal('refused'), reason: z.string() }),
  ]),
});
export type Look = z.infer<typeof Look>;

/** By the warden: a target that is about to be added or renewed, to be tried with its secret. */
export const Probe = z.strictObject({
  id: z.string(),
  targetId: z.string(),
  config: TargetConfig,
  /** JWE to the gateway key, bound by `secretContext`. */
  ciphertext: z.string(),
  /** Whether the schema that the config names was signed for already. */
  signed: z.boolean(),
  at: Instant,
});
export type Probe = z.infer<typeof Probe>;

/** By the gateway key: how a target answered. `probe` is null where it was looked at by itself. */
export const Report = z.strictObject({
  probeId: z.string().nullable(),
  targetId: z.string(),
  /** SHA-256 of the config's canonical JSON. */
  config: Digest,
  /** SHA-256 of the secret's ciphertext. */
  ciphertext: Digest,
  at: Instant,
  outcome: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('seen'),
      version: z.string(),
      answered: z.string().nullable(),
      dangers: z.array(z.strictObject({ text: z.string(), mend: z.string() })),
      warnings: z.array(z.string()),
      /** Of the provider's schema as it is now; its text lies in `target_schemas`. Null where there is none. */
      schemaHash: Digest.nullable(),
      schemaChanged: z.boolean(),
    }),
    z.strictObject({ kind: z.literal('trouble'), code: Reason, message: Words }),
  ]),
});
export type Report = z.infer<typeof Report>;

/** Every field of an ask: a new one does not compile before orders hold it. */
const ORDERED = {
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
  ttlSeconds: z.int(),
  maxUses: z.int().nullable(),
  operation: Operation,
} satisfies Record<keyof Ask, z.ZodType>;

/** By the warden: one approved operation, for one copy of the gateway, once, for thirty seconds. */
export const Order = z.strictObject({
  id: z.string().regex(/^ord_[0-9a-z]{20}$/),
  /** The wish it answers; null where the agent collects at the warden. */
  wantedId: z.string().nullable(),
  grantId: z.string(),
  instanceId: z.string(),
  issuedAt: Instant,
  expiresAt: Instant,
  verdict: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('run'),
      targetId: z.string(),
      targetChainHash: Digest,
      ...ORDERED,
      /** SHA-256 of the operation's canonical JSON. */
      operationDigest: Digest,
      preview: Preview,
    }),
    /** Said no to, in the words the agent is told. */
    z.strictObject({ kind: z.literal('refused'), code: Reason, message: Words }),
  ]),
});
export type Order = z.infer<typeof Order>;

/** By the instance's key: what came of an order. */
export const OrderResult = z.strictObject({
  orderId: z.string(),
  grantId: z.string(),
  instanceId: z.string(),
  at: Instant,
  outcome: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('ran'),
      status: z.int().min(100).max(599),
      sizeBytes: z.int().min(0),
      /** JWE to the warden of the answer, bound by `resultContext`. */
      sealed: z.string(),
    }),
    /** `sent` is false where nothing went out; true where nobody knows what came of it. */
    z.strictObject({ kind: z.literal('failed'), sent: z.boolean(), code: Reason, message: Words }),
  ]),
});
export type OrderResult = z.infer<typeof OrderResult>;

/** What a provider answered to an exact operation, its secret taken out: the text that a result seals. */
export const UpstreamResult = z.strictObject({
  status: z.int(),
  contentType: z.string(),
  /** The first 256 KiB. */
  body: z.string(),
  truncated: z.boolean(),
});
export type UpstreamResult = z.infer<typeof UpstreamResult>;
