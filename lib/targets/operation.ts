import { type DocumentNode, Kind, parse, print, visit } from 'graphql';
import { z } from 'zod';
import { parseStrictJson } from '#lib/core';

/** One exact SQL statement, run by the warden itself, once. */
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

/** More than any honest document has; a parser that stops there cannot be exhausted (T68). */
export const MAX_GRAPHQL_TOKENS = 4_000;

/** A document in its one spelling: no comments, no tricks of layout. Null where it is not one operation that ends. */
export function printedGraphql(text: string): string | null {
  try {
    const document = parse(text, { maxTokens: MAX_GRAPHQL_TOKENS, noLocation: true });
    const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    const rest = document.definitions.filter(
      ({ kind }) => kind !== Kind.OPERATION_DEFINITION && kind !== Kind.FRAGMENT_DEFINITION,
    );
    return operations.length === 1 && rest.length === 0 && !isDescribed(document) ? print(document) : null;
  } catch {
    return null;
  }
}

/** A description could tell whoever signs another story than the operation (T2). */
function isDescribed(document: DocumentNode): boolean {
  let described = false;
  visit(document, {
    enter: (node) => {
      described ||= 'description' in node && node.description !== undefined;
    },
  });
  return described;
}

const Variables = z
  .record(z.string().regex(/^[_A-Za-z][_0-9A-Za-z]*$/), z.json())
  .refine(shallow, 'Nest less deep.')
  // Documents are generated from this, and JSON itself has no end.
  .meta({ type: 'object', description: 'Its variables, by name.' });

/** As deep as the one strict parser allows, wherever the value came from. */
function shallow(value: unknown): boolean {
  try {
    parseStrictJson(JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** One exact GraphQL operation. Stored as printed, so that a comment cannot tell the approver a story (T2). */
export const GraphqlOperation = z.strictObject({
  query: z
    .string()
    .min(1)
    .max(20_000)
    .refine((text) => printedGraphql(text) !== null, 'Send one GraphQL query or mutation, with its fragments.')
    .overwrite((text) => printedGraphql(text) ?? text),
  variables: Variables.default({}),
});
export type GraphqlOperation = z.infer<typeof GraphqlOperation>;

/** One exact HTTP call. `path` is the path and query at the target, in its one spelling. */
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

/** The exact operation of a request, by kind of target. Each has fields of its own, so no text is two of them. */
export const Operation = z.union([SqlOperation, GraphqlOperation, HttpOperation]);
export type Operation = z.infer<typeof Operation>;

export const isSql = (operation: Operation): operation is SqlOperation => 'sql' in operation;
export const isGraphql = (operation: Operation): operation is GraphqlOperation => 'query' in operation;
export const isHttp = (operation: Operation): operation is HttpOperation => 'method' in operation;

/** What an agent asks of a target. */
export interface Ask {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly ttlSeconds: number;
  readonly maxUses: number | null;
  readonly operation: Operation | null;
}
