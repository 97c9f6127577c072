import { Kind, parse, type SelectionSetNode } from 'graphql';
import { type Classification, classifyGraphql } from '#gateway/classify';
import { refuseOtherScope } from '#gateway/resolve';
import { canonicalText, type Json, refuse } from '#lib/core';
import { type Ask, type GraphqlOperation, isGraphql } from '#lib/targets';
import { type ProviderContext, schemaOf } from './context';

/** The operation of an ask, in the words it will be sent in. */
export interface Exact {
  readonly operation: GraphqlOperation;
  readonly classification: Classification;
  /** Root fields beside the one the classification's arguments are of. */
  readonly others: number;
}

/**
 * Classifies what is asked for exactly. Throws `invalid_request`, saying what to
 * send, where it is not what would be run, word for word: what is classified, what
 * is signed and what is sent are one text.
 */
export function classifyAsk(context: ProviderContext, ask: Ask): Exact {
  const { profile, config } = context;
  const { operation } = ask;
  if (operation === null || !isGraphql(operation))
    return refuse('invalid_request', 'Send the GraphQL operation as { query, variables }.');
  const { query, variables } = operation as GraphqlOperation;
  const { opens, closes } = config;
  const call = { query, operationName: null, variables };
  const classification = classifyGraphql({ profile, opens, closes, schema: schemaOf(context), call });
  refuseOtherWords({ query, variables }, classification);
  refuseOtherScope(ask, classification);
  return { operation: { query, variables }, classification, others: rootFields(query) - 1 };
}

/** How many things the operation does: the same field twice, with other arguments, is two. */
function rootFields(query: string): number {
  const { definitions } = parse(query, { noLocation: true });
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
  const count = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, one) => {
      if (one.kind === Kind.FIELD) return sum + (one.name.value === '__typename' ? 0 : 1);
      const inner = one.kind === Kind.FRAGMENT_SPREAD ? fragments.get(one.name.value) : one;
      return sum + count(inner?.selectionSet);
    }, 0);
  return count(definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)?.selectionSet);
}

function refuseOtherWords(asked: GraphqlOperation, classification: Classification): void {
  const sent = canonicalText(classification.operation as unknown as Json);
  if (sent === canonicalText(asked as unknown as Json)) return;
  refuse('invalid_request', 'The operation would be sent in other words than it was filed in.', {
    errors: [{ pointer: '/operation', detail: `Send ${sent}.` }],
  });
}
