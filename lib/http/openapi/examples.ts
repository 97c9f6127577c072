import type { FileRequest } from '#lib/filing';
import type { Example, Examples } from './endpoint';

/** A filing of each kind of target, word for word as it may be sent. */
const filings: Readonly<Record<string, Example & { readonly value: FileRequest }>> = {
  credential: {
    summary: 'A credential for a while',
    value: {
      target: 'sample',
      resources: ['table/public.bookings'],
      verbs: ['select', 'update'],
      ttlSeconds: 600,
      reason: 'Mark booking 17 as paid: ticket OPS-204.',
      ticketUrl: 'https://tickets.example.com/OPS-204',
    },
  },
  sql: {
    summary: 'One exact SQL statement',
    value: {
      target: 'sample',
      resources: ['table/public.bookings'],
      verbs: ['select', 'update'],
      ttlSeconds: 300,
      reason: 'Mark booking 17 as paid: ticket OPS-204.',
      operation: { sql: 'UPDATE bookings SET paid = $1 WHERE id = $2', parameters: [true, 17] },
    },
  },
  graphql: {
    summary: 'One exact GraphQL operation',
    value: {
      target: 'railway',
      resources: ['volume/3d2c8a54-0f5e-4a71-9f2b-6a1d2a9f7c10'],
      verbs: ['delete'],
      ttlSeconds: 300,
      reason: 'The staging volume was moved last week and is empty: ticket OPS-311.',
      operation: {
        query: 'mutation ($id: String!) {\n  volumeDelete(volumeId: $id)\n}',
        variables: { id: '3d2c8a54-0f5e-4a71-9f2b-6a1d2a9f7c10' },
      },
    },
  },
  http: {
    summary: 'One exact HTTP call',
    value: {
      target: 'internal-api',
      resources: ['path/v1/users/17'],
      verbs: ['delete'],
      ttlSeconds: 300,
      reason: 'User 17 asked to be deleted: ticket OPS-402.',
      operation: { method: 'DELETE', path: '/v1/users/17' },
    },
  },
};

export const FILING_EXAMPLES: Examples = filings;
