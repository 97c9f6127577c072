import { z } from 'zod';
import { parseStrictJson } from '#lib/core';

/** An exact SQL statement. The warden runs it itself, once. */
export const SqlOperation = z.strictObject({
  sql: z.string().min(1).max(20_000),
  parameters: z
    .array(z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]))
    .max(100)
    .default([]),
  /** The most rows it may touch in all tables together. Left out: as many as the preview finds. */
  maxRows: z.int().min(0).max(10_000_000).optional(),
});
export type SqlOperation = z.infer<typeof SqlOperation>;

const Variables = z
  .record(z.string().regex(/^[_A-Za-z][_0-9A-Za-z]*$/), z.json())
  .refine(shallow, 'Nest less deep.')
  // The OpenAPI generator needs a finite schema; that of JSON refers to itself.
  .meta({ type: 'object', description: 'Its variables, by name.' });

/** Whether the strict parser accepts the value: it may have come from another parser. */
function shallow(value: unknown): boolean {
  try {
    parseStrictJson(JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** One exact GraphQL operation: its shape and its bounds. Whether it is one, and in its one spelling, is asked by `#lib/documents`. */
export const GraphqlOperation = z.strictObject({
  query: z.string().min(1).max(20_000),
  variables: Variables.default({}),
});
export type GraphqlOperation = z.infer<typeof GraphqlOperation>;

/** An exact HTTP call. `path` is path and query at the target, percent-encoded. */
export const HttpOperation = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z
    .string()
    .max(2_000)
    .regex(/^\/[!-~]*$/, 'Write the path from its first slash, percent-encoded.'),
  contentType: z
    .string()
    .max(100)
    .regex(/^[a-z]+\/[a-z0-9.+-]+$/, 'Write a media type, without parameters.')
    .optional(),
  body: z.string().max(100_000).optional(),
});
export type HttpOperation = z.infer<typeof HttpOperation>;

/** The exact operation of a request. Each kind has fields of its own and allows no others, so that no value fits two kinds. */
export const Operation = z.union([SqlOperation, GraphqlOperation, HttpOperation]);
export type Operation = z.infer<typeof Operation>;

export const isSql = (operation: Operation): operation is SqlOperation => 'sql' in operation;
export const isGraphql = (operation: Operation): operation is GraphqlOperation => 'query' in operation;
export const isHttp = (operation: Operation): operation is HttpOperation => 'method' in operation;

export interface Ask {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly ttlSeconds: number;
  readonly maxUses: number | null;
  readonly operation: Operation | null;
}
