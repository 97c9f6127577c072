import { z } from 'zod';
import { OPERATION_CLASSES } from '#lib/profiles';
import { TARGET_KINDS } from '#lib/targets';

/*
 * What agents are sent, as schemas: the documents are generated from them and
 * the makers in this folder are typed by them. Instants are RFC 3339, UTC.
 */

const Instant = z.iso.datetime({ precision: 3 });
const Uri = z.url();

/** `preparing` is for people only (P1). */
export const RequestState = z.enum(['pending', 'approved', 'denied', 'cancelled', 'lapsed']);
export const GrantState = z.enum(['waiting', 'ready', 'active', 'ending', 'ended']);

const AskedFor = {
  target: z.string(),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
  ttlSeconds: z.int(),
  maxUses: z.int().nullable(),
};

export const RequestResource = z
  .strictObject({
    id: z.string().meta({ examples: ['req_0123456789abcdefghjk'] }),
    state: RequestState,
    stateReason: z.string().nullable().meta({ description: 'Why it was denied or lapsed, where somebody said so.' }),
    ...AskedFor,
    reason: z.string(),
    ticketUrl: z.string().nullable(),
    operation: z.unknown().meta({ description: 'The exact operation as filed, or null.' }),
    createdAt: Instant,
    decideBy: Instant.meta({ description: 'Undecided past this instant, it lapses.' }),
    decidedAt: Instant.nullable(),
    takes: z
      .strictObject({
        approvals: z.int().meta({ description: 'Distinct people who must sign.' }),
        roles: z.array(z.string()),
        keyClass: z.enum(['hardware', 'any']),
      })
      .meta({ description: 'What it takes at least to be granted, by the request alone.' }),
    grant: z
      .strictObject({ id: z.string(), state: GrantState, collectUrl: Uri, collectBy: Instant })
      .nullable()
      .meta({ description: 'Once approved: POST to collectUrl before collectBy.' }),
    links: z.strictObject({ self: Uri, cancel: Uri.nullable(), console: Uri }),
  })
  .meta({ id: 'Request' });
export type RequestResource = z.infer<typeof RequestResource>;

export const GrantResource = z
  .strictObject({
    id: z.string().meta({ examples: ['grn_0123456789abcdefghjk'] }),
    kind: z.enum(['elevated', 'exact', 'resting']),
    state: GrantState,
    endReason: z.enum(['expired', 'revoked', 'spent', 'voided']).nullable(),
    requestId: z.string().nullable(),
    ...AskedFor,
    uses: z.int(),
    readyAt: Instant,
    collectBy: Instant,
    collectedAt: Instant.nullable(),
    expiresAt: Instant.nullable(),
    endingAt: Instant.nullable(),
    endedAt: Instant.nullable(),
    proof: z.array(z.string()).nullable().meta({ description: 'What was seen when the dead credential was tried.' }),
    stillLive: z.string().nullable().meta({ description: 'Why its end is not proven yet.' }),
    result: z.unknown().meta({ description: 'What an exact operation returned, or null.' }),
    links: z.strictObject({ self: Uri, collect: Uri.nullable(), return: Uri.nullable(), request: Uri.nullable() }),
  })
  .meta({ id: 'Grant' });
export type GrantResource = z.infer<typeof GrantResource>;

/** A kind of thing at a target and what can be done to it. */
const Pair = z.strictObject({
  resource: z.string().meta({ description: 'Ask for `RESOURCE/ID`, or `RESOURCE/*` for all of them.' }),
  verb: z.string(),
  class: z.enum(OPERATION_CLASSES).meta({
    description:
      'How bad it is. `safe` may pass at rest. `escalating` (mints credentials or members, or turns a protection off) is granted as an exact operation only.',
  }),
});

export const TargetResource = z
  .strictObject({
    name: z.string(),
    kind: z.enum(TARGET_KINDS),
    environment: z.string(),
    verbs: z.array(z.string()),
    exampleResources: z.array(z.string()),
    pairs: z
      .array(Pair)
      .optional()
      .meta({ description: 'For `graphql` and `http`: what may be asked for, as far as the provider is known.' }),
    maxTtlSeconds: z.int(),
    exactOperations: z.boolean().meta({ description: 'Whether a request may carry the exact operation.' }),
    gatewayUrl: Uri.optional().meta({
      description:
        'For `graphql` and `http`: point your ordinary client here, with your ask token as its bearer token. What needs a person is refused with a ready-made request.',
    }),
    rest: z
      .strictObject({
        url: Uri,
        collect: z.boolean().meta({
          description:
            'True: POST here for a credential that only reads. False: there is nothing to collect; read through this address.',
        }),
        ttlSeconds: z.int(),
        reads: z.array(z.string()),
      })
      .nullable()
      .meta({ description: 'What you may read without asking, and where; null where you may not.' }),
  })
  .meta({ id: 'Target' });
export type TargetResource = z.infer<typeof TargetResource>;

export const AgentResource = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    keyThumbprint: z.string().nullable().meta({
      description: 'RFC 7638. Where it is set, collecting takes a DPoP proof; where not, the collect secret.',
    }),
    expiresAt: Instant.meta({ description: 'The agent’s secrets stop working then.' }),
    gateway: Uri,
    limits: z.strictObject({ filingsPerMinute: z.int(), callsPerSecond: z.int(), openRequests: z.int() }),
  })
  .meta({ id: 'Agent' });
export type AgentResource = z.infer<typeof AgentResource>;

/** The problem document of RFC 9457, as described to readers. */
export const ProblemResource = z
  .object({
    type: Uri,
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
