import { z } from 'zod';
import { GrantResource } from '#lib/http/rest';
import { OPERATION_CLASSES } from '#lib/profiles';

/*
 * What the warden and the gateway answer, described for readers. Both have types
 * of their own; their tests hold them to these shapes.
 */

const Credential = z.union([
  z.object({
    kind: z.literal('postgres'),
    host: z.string(),
    port: z.int(),
    database: z.string(),
    user: z.string(),
    password: z.string(),
    url: z.string().meta({ description: 'All of it as one connection string, for psql.' }),
    expiresAt: z.iso.datetime(),
  }),
  z.object({
    kind: z.literal('token'),
    accessToken: z.string(),
    tokenType: z.enum(['Bearer', 'DPoP']),
    expiresAt: z.iso.datetime(),
  }),
  z.object({
    kind: z.literal('gateway'),
    url: z.string().meta({ description: 'Point your ordinary client here.' }),
    accessToken: z
      .string()
      .meta({ description: 'Good here and nowhere else. The provider’s own secret stays inside.' }),
    tokenType: z.enum(['Bearer', 'DPoP']),
    expiresAt: z.iso.datetime(),
  }),
]);

const SqlResult = z.object({
  rowCount: z.int(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.unknown())).meta({ description: 'The first 1,000 rows.' }),
  truncated: z.boolean(),
  written: z.array(z.object({ resource: z.string(), inserted: z.int(), updated: z.int(), deleted: z.int() })),
});

const UpstreamResult = z.object({
  status: z.int().meta({ description: 'As the provider answered. From 400 on it ran, and the provider said no.' }),
  contentType: z.string(),
  body: z.string().meta({ description: 'The first 256 KiB.' }),
  truncated: z.boolean(),
});

export const Collected = z
  .object({
    grantId: z.string(),
    credential: Credential.optional().meta({ description: 'Where a credential was granted.' }),
    result: z
      .union([SqlResult, UpstreamResult])
      .optional()
      .meta({ description: 'Where an exact operation was granted.' }),
  })
  .meta({ id: 'Collected' });

/** One thing a refused call would have done. */
const Act = z.object({
  operation: z.string(),
  class: z.enum(OPERATION_CLASSES),
  resource: z.string(),
  verb: z.string(),
  why: z.string(),
});

export const ElevationRequired = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.literal(403),
    detail: z.string().meta({ description: 'Why, and the ways on, in plain words.' }),
    code: z.literal('elevation_required'),
    requestId: z.string(),
    judged: z.object({
      operation: z.string(),
      class: z.enum(OPERATION_CLASSES),
      missing: z.array(Act).meta({ description: 'What nobody has allowed you.' }),
    }),
    request: z
      .object({ method: z.literal('POST'), url: z.string(), body: z.record(z.string(), z.unknown()) })
      .optional()
      .meta({
        description:
          'Send this, with your own reason in place of the one in it, to ask for exactly this call; where that is too large, for a grant of its kind. Absent where neither can be asked for.',
      }),
    wait: z
      .object({ header: z.literal('Prefer'), value: z.string() })
      .optional()
      .meta({ description: 'Or send the same call again with this header: it is held until a person has decided.' }),
    errors: z
      .array(z.object({ message: z.string(), extensions: z.record(z.string(), z.unknown()) }))
      .optional()
      .meta({ description: 'The same for GraphQL clients, with `extensions.code` `ELEVATION_REQUIRED`.' }),
  })
  .meta({ id: 'ElevationRequired' });

export const TokenForm = z.object({
  token: z.string().meta({ description: 'The token; for revoking, a grant’s id does too.' }),
});

const AuthorizationDetail = z.object({
  type: z.literal('countersign'),
  locations: z.array(z.string()),
  actions: z.array(z.string()),
  resources: z.array(z.string()),
  max_uses: z.int().optional().meta({ description: 'Where uses are counted.' }),
});

export const Introspection = z
  .discriminatedUnion('active', [
    z.object({ active: z.literal(false) }),
    z.object({
      active: z.literal(true),
      token_type: z.enum(['Bearer', 'DPoP']),
      client_id: z.string(),
      sub: z.string().meta({ description: 'The agent’s id.' }),
      aud: z.string(),
      iss: z.string(),
      iat: z.int(),
      nbf: z.int(),
      exp: z.int(),
      jti: z.string().meta({ description: 'The grant’s id.' }),
      authorization_details: z.array(AuthorizationDetail).meta({ description: 'RFC 9396: what was approved.' }),
      cnf: z.object({ jkt: z.string() }).optional().meta({ description: 'RFC 9449 §6, where the agent has a key.' }),
      ask_token: z
        .string()
        .optional()
        .meta({ description: 'SHA-256 of the ask token that a token for the gateway dies with.' }),
      target_id: z.string().optional(),
    }),
  ])
  .meta({ id: 'Introspection' });

/** A grant as the warden shows it: without what only web knows. */
export const CollectableGrant = GrantResource.omit({ target: true, endingAt: true, links: true }).meta({
  id: 'CollectableGrant',
});

export const JwkSet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).meta({ id: 'JwkSet' });

export const RenewedToken = z
  .strictObject({
    token: z.string().meta({ description: 'The new ask token, told once.' }),
    expiresAt: z.iso.datetime(),
    oldTokenEndsAt: z.iso
      .datetime()
      .meta({ description: 'Until then both work, so that every copy of the agent can change over.' }),
  })
  .meta({ id: 'RenewedToken' });

/** The answers as documented, for the tests of the warden and of the gateway to hold them to. */
export const GATEWAY_ANSWERS = {
  CollectableGrant,
  Collected,
  ElevationRequired,
  Introspection,
  JwkSet,
  RenewedToken,
} as const;
