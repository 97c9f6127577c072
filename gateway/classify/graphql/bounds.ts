import {
  BREAK,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { refuse } from '#lib/core';

export const MAX_DEPTH = 20;
export const MAX_FIELDS = 2_000;
export const MAX_ROOTS = 50;

/** What is longer goes into variables, which are neither printed nor shown as the operation. */
const MAX_LITERAL = 10_000;
/** What a person may have to read, and an approval to hold. */
const MAX_PRINTED = 100_000;

interface Weight {
  readonly fields: number;
  readonly roots: number;
}

/**
 * Refuses a document whose validation would cost more than it is worth, before
 * it is validated: that compares fields with fields, and follows each fragment
 * wherever it is spread (T68).
 */
export function refuseHeavy(definition: OperationDefinitionNode, fragments: Fragments, own: DocumentNode): void {
  const { fields, roots } = weigh(definition.selectionSet, fragments);
  if (roots > MAX_ROOTS) refuse('invalid_request', `Ask for at most ${MAX_ROOTS} things at a time.`);
  if (fields > MAX_FIELDS) refuse('invalid_request', `Ask for at most ${MAX_FIELDS} fields at a time.`);
  if (hasLongLiteral(own))
    refuse('invalid_request', `Send values of more than ${MAX_LITERAL} characters in variables, not in the query.`);
}

/** Refuses what is too long to be read. */
export function refuseLong(printed: string): string {
  return printed.length <= MAX_PRINTED
    ? printed
    : refuse('invalid_request', `A query has at most ${MAX_PRINTED} characters in print.`);
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Fields as often as they are asked for. Each fragment is weighed once, and counts wherever it is spread. */
function weigh(set: SelectionSetNode, fragments: Fragments): Weight {
  const known = new Map<string, Weight | 'open'>();
  const weightOf = ({ selections }: SelectionSetNode): Weight => {
    let [fields, roots] = [0, 0];
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        fields += 1 + (selection.selectionSet === undefined ? 0 : weightOf(selection.selectionSet).fields);
        roots += selection.name.value.startsWith('__') ? 0 : 1;
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT
            ? weightOf(selection.selectionSet)
            : spreadWeight(selection.name.value);
        fields += inner.fields;
        roots += inner.roots;
      }
    }
    return { fields, roots };
  };
  const spreadWeight = (name: string): Weight => {
    const before = known.get(name);
    if (before === 'open') return refuse('invalid_request', 'A fragment spreads itself.');
    const fragment = fragments.get(name);
    if (before !== undefined || fragment === undefined) return before ?? { fields: 0, roots: 0 };
    known.set(name, 'open');
    const weight = weightOf(fragment.selectionSet);
    known.set(name, weight);
    return weight;
  };
  return weightOf(set);
}

function hasLongLiteral(document: DocumentNode): boolean {
  let long = false;
  const measure = ({ value }: { readonly value: string }) => {
    long ||= value.length > MAX_LITERAL;
    return long ? BREAK : undefined;
  };
  visit(document, { StringValue: measure, IntValue: measure, FloatValue: measure, EnumValue: measure, Name: measure });
  return long;
}
