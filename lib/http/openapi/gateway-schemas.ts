import { z } from 'zod';

/*
 * What the gateway answers, described for readers. The gateway has types of its
 * own; its tests hold it to these shapes.
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
]);

const Result = z.object({
  rowCount: z.int(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.unknown())).meta({ description: 'The first 1,000 rows.' }),
  truncated: z.boolean(),
  written: z.array(z.object({ resource: z.string(), inserted: z.int(), updated: z.int(), deleted: z.int() })),
});

export const Collected = z
  .object({
    grantId: z.string(),
    credential: Credential.optional().meta({ description: 'Where a credential was granted.' }),
    result: Result.optional().meta({ description: 'Where an exact operation was granted.' }),
  })
  .meta({ id: 'Collected' });

export const TokenForm = z.object({
  token: z.string().meta({ description: 'The token; for revoking, a grant’s id does too.' }),
});

export const Introspection = z
  .object({
    active: z.boolean(),
    token_type: z.enum(['Bearer', 'DPoP']).optional(),
    client_id: z.string().optional(),
    sub: z.string().optional(),
    aud: z.string().optional(),
    iss: z.string().optional(),
    iat: z.int().optional(),
    nbf: z.int().optional(),
    exp: z.int().optional(),
    jti: z.string().optional().meta({ description: 'The grant’s id.' }),
    authorization_details: z.array(z.unknown()).optional(),
  })
  .meta({ id: 'Introspection' });

export const JwkSet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).meta({ id: 'JwkSet' });

/** The answers as documented, for the gateway's tests to hold the gateway to. */
export const GATEWAY_ANSWERS = { Collected, Introspection, JwkSet } as const;
