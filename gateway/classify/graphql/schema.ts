import {
  buildASTSchema,
  buildClientSchema,
  type GraphQLSchema,
  type IntrospectionQuery,
  Kind,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import { DomainError, refuse } from '#lib/core';

/** A large provider's has some 400 KB. */
const MAX_SDL = 5_000_000;

/** A schema from its canonical text. The text is one this warden made: it is not validated again. */
export const loadSchema = (sdl: string): GraphQLSchema =>
  buildASTSchema(parse(sdl, { noLocation: true }), { assumeValid: true, assumeValidSDL: true });

/**
 * The canonical text of a schema, from what introspection answered: sorted, and
 * without descriptions, so that a reworded comment is no other schema.
 */
export function schemaText(introspection: unknown): string {
  try {
    const schema = buildClientSchema(introspection as IntrospectionQuery);
    const text = withoutWords(printSchema(lexicographicSortSchema(schema)));
    return text.length <= MAX_SDL
      ? text
      : refuse('target_refused', 'The provider’s schema is too large to be classified by.');
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    return refuse('target_refused', 'The provider did not describe its schema: introspection gave no usable answer.', {
      cause,
    });
  }
}

/** Descriptions and reasons of deprecation are a provider's prose. */
function withoutWords(sdl: string): string {
  const document = parse(sdl, { noLocation: true });
  return print(
    visit(document, {
      enter(node) {
        if (node.kind === Kind.DIRECTIVE && node.name.value === 'deprecated') return null;
        return 'description' in node && node.description !== undefined
          ? { ...node, description: undefined }
          : undefined;
      },
    }),
  );
}
