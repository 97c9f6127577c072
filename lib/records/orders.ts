import { z } from 'zod';
import { Preview } from '#lib/statement';
import { type Ask, Operation } from '#lib/targets';
import { Digest, Instant, Reason, Words } from './fields';

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
