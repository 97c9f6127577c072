import { existsSync, readFileSync } from 'node:fs';
import { buildClientSchema, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import type { Classification } from '#gateway/classify';
import { classifyGraphql } from '#gateway/classify';
import { DomainError, type Json } from '#lib/core';
import { type GraphqlProfile, graphqlProfile } from '#lib/profiles';

/*
 * Only for tests. What is needed to classify a text in one line, and a source of
 * chance that gives the same again for the same seed.
 */

/** Railway's schema as its own API tells it, kept outside this repository. */
export const VECTOR = '../shared/vectors/railway/schema.json';
export const present = existsSync(VECTOR);

export function railwayIntrospection(): IntrospectionQuery {
  const text = JSON.parse(readFileSync(VECTOR, 'utf8')) as { data?: IntrospectionQuery };
  return text.data ?? (text as unknown as IntrospectionQuery);
}

export const railwaySchema = (): GraphQLSchema => buildClientSchema(railwayIntrospection());

export interface Asked {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: { readonly [name: string]: Json };
  readonly opens?: readonly string[];
  readonly closes?: readonly string[];
}

/** Classifies by one schema and one profile. */
export const classifierOf =
  (schema: GraphQLSchema, profile: GraphqlProfile = graphqlProfile('railway')) =>
  ({ query, operationName = null, variables = {}, opens = [], closes = [] }: Asked): Classification =>
    classifyGraphql({ profile, opens, closes, schema, call: { query, operationName, variables } });

/** What a refusal says, or null where nothing was refused. Anything but a refusal is a fault and goes on up. */
export function refusalOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code === 'internal') throw error;
    return `${error.code}: ${error.message}`;
  }
}

/** Numbers by chance from 0 up to 1, the same for the same seed (mulberry32). */
export interface Chance {
  next(): number;
  below(limit: number): number;
  /** True in so many of a hundred cases. */
  percent(chance: number): boolean;
  of<T>(values: readonly [T, ...T[]] | readonly T[]): T;
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    percent: (percent) => next() * 100 < percent,
    of: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('There is nothing to choose from.');
      return value;
    },
  };
}
