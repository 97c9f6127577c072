import type { z } from 'zod';
import type { Example } from './endpoint';
import type { CollectableGrant, Collected, Introspection, JwkSet, RenewedToken, TokenForm } from './gateway-schemas';

const GRANT_ID = 'grn_0123456789abcdefghjk';
const TOKEN = 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJodHRwOi8v….9fVh0c…';
const UNTIL = '2026-03-01T12:10:00.000Z';

export const COLLECTED_EXAMPLES = {
  postgres: {
    summary: 'A credential for a database',
    value: {
      grantId: GRANT_ID,
      credential: {
        kind: 'postgres',
        host: 'db.example.com',
        port: 5432,
        database: 'booking',
        user: 'cs_0123456789abcdefghjk',
        password: 'shown-once',
        url: 'postgresql://cs_0123456789abcdefghjk:shown-once@db.example.com:5432/booking?sslmode=verify-full',
        expiresAt: UNTIL,
      },
    },
  },
  token: {
    summary: 'A token for a service of your own',
    value: {
      grantId: GRANT_ID,
      credential: { kind: 'token', accessToken: TOKEN, tokenType: 'Bearer', expiresAt: UNTIL },
    },
  },
  gateway: {
    summary: 'A token for a provider behind the gateway',
    value: {
      grantId: GRANT_ID,
      credential: {
        kind: 'gateway',
        url: 'https://gateway.example.com/t/railway',
        accessToken: TOKEN,
        tokenType: 'DPoP',
        expiresAt: UNTIL,
      },
    },
  },
  sql: {
    summary: 'What one exact SQL statement did',
    value: {
      grantId: GRANT_ID,
      result: {
        rowCount: 1,
        columns: ['id', 'paid'],
        rows: [[17, true]],
        truncated: false,
        written: [{ resource: 'table/public.bookings', inserted: 0, updated: 1, deleted: 0 }],
      },
    },
  },
  provider: {
    summary: 'What the provider answered to one exact call',
    value: {
      grantId: GRANT_ID,
      result: {
        status: 200,
        contentType: 'application/json',
        body: '{"data":{"volumeDelete":true}}',
        truncated: false,
      },
    },
  },
} as const satisfies ExamplesOf<typeof Collected>;

export const GRANT_EXAMPLES = {
  ready: {
    summary: 'Approved, and to be collected',
    value: {
      id: GRANT_ID,
      kind: 'elevated',
      state: 'ready',
      endReason: null,
      requestId: 'req_0123456789abcdefghjk',
      resources: ['table/public.bookings'],
      verbs: ['select', 'update'],
      ttlSeconds: 600,
      maxUses: null,
      uses: 0,
      readyAt: '2026-03-01T12:00:00.000Z',
      collectBy: '2026-03-01T13:00:00.000Z',
      collectedAt: null,
      expiresAt: null,
      endedAt: null,
      proof: null,
      stillLive: null,
      result: null,
    },
  },
} as const satisfies ExamplesOf<typeof CollectableGrant>;

export const INTROSPECTION_EXAMPLES = {
  active: {
    summary: 'Good, for this and nothing else',
    value: {
      active: true,
      token_type: 'Bearer',
      iss: 'https://agents.example.com',
      sub: 'agt_0123456789abcdefghjk',
      client_id: 'agt_0123456789abcdefghjk',
      aud: 'https://deploys.example.com',
      jti: GRANT_ID,
      iat: 1_772_366_400,
      nbf: 1_772_366_400,
      exp: 1_772_367_000,
      authorization_details: [
        {
          type: 'countersign',
          locations: ['https://deploys.example.com'],
          actions: ['start'],
          resources: ['deploy/api'],
          max_uses: 3,
        },
      ],
    },
  },
  inactive: { summary: 'Unknown, ended, spent or not yours', value: { active: false } },
} as const satisfies ExamplesOf<typeof Introspection>;

/** The key of RFC 7515, A.3. */
export const JWKS_EXAMPLES = {
  keys: {
    summary: 'One key',
    value: {
      keys: [
        {
          kty: 'EC',
          crv: 'P-256',
          x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
          y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
          use: 'sig',
          alg: 'ES256',
          kid: 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U',
        },
      ],
    },
  },
} as const satisfies ExamplesOf<typeof JwkSet>;

export const RENEWED_EXAMPLES = {
  renewed: {
    summary: 'Another token, for ninety days',
    value: { token: 'cs_ask_…', expiresAt: '2026-05-30T12:00:00.000Z', oldTokenEndsAt: '2026-03-01T14:00:00.000Z' },
  },
} as const satisfies ExamplesOf<typeof RenewedToken>;

export const TOKEN_EXAMPLES = {
  token: { summary: 'A token', value: { token: TOKEN } },
  grant: { summary: 'A grant by its id', value: { token: GRANT_ID } },
} as const satisfies ExamplesOf<typeof TokenForm>;

type ExamplesOf<Schema extends z.ZodType> = Readonly<
  Record<string, Example & { readonly value: DeepReadonly<z.input<Schema>> }>
>;

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;
