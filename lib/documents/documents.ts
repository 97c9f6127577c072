import { type DocumentNode, Kind, parse, print, visit } from 'graphql';
import type { z } from 'zod';
import { isGraphql, Operation } from '#lib/targets';

/*
 * Reading and printing a provider's documents. Whoever holds a key that signs
 * imports none of this: to the warden an operation is opaque text.
 */

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

/** An exact operation as an agent may file it. GraphQL is stored as printed, so that a comment cannot tell the approver a story (T2). */
export const FiledOperation: z.ZodType<Operation> = Operation.refine(
  (operation) => !isGraphql(operation) || printedGraphql(operation.query) !== null,
  { message: 'Send one GraphQL query or mutation, with its fragments.', path: ['query'] },
).overwrite((operation) =>
  isGraphql(operation) ? { ...operation, query: printedGraphql(operation.query) ?? operation.query } : operation,
);
