import { z } from 'zod';
import { OPERATION_CLASSES } from '#lib/profiles';
import { Preview } from '#lib/statement';
import { Operation, TargetConfig } from '#lib/targets';
import { Digest, Instant, Reason, Words } from './fields';

const Act = z.strictObject({
  operation: z.string(),
  class: z.enum(OPERATION_CLASSES),
  resource: z.string(),
  verb: z.string(),
  why: z.string(),
});

/** By the gateway key: what a request at a provider would do. `refused` is of the ask itself, and the agent is told; `blocked` is of what there is, and people are. */
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
    z.strictObject({ kind: z.literal('blocked'), reason: z.string() }),
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
