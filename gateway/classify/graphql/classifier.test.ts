import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { graphqlProfile } from '#lib/profiles';
import { graphqlClassifier } from './classifier';

const schema = buildSchema('type Query { a(id: ID): String }');
const newClassifier = () =>
  graphqlClassifier({ profile: graphqlProfile('generic-graphql'), opens: ['query a'], closes: [], schema });
const call = (query: string) => ({
  method: 'POST',
  contentType: 'application/json',
  search: '',
  body: JSON.stringify({ query }),
});

describe('What was classified once is kept, as long as that is cheap (T68)', () => {
  test('the same bytes are answered with the same classification', () => {
    const classify = newClassifier();
    expect(classify(call('{ a }'))).toBe(classify(call('{ a }')));
    expect(classify(call('{ a }'))).not.toBe(classify(call('{  a }')));
  });

  test('what was not asked for the longest is forgotten when two hundred others came', () => {
    const classify = newClassifier();
    const [first, second] = [classify(call('{ a }')), classify(call('{ b: a }'))];
    for (let index = 0; index < 198; index += 1) classify(call(`{ a${index}: a }`));
    expect(classify(call('{ a }'))).toBe(first);
    classify(call('{ one: a }'));
    expect(classify(call('{ a }'))).toBe(first);
    expect(classify(call('{ b: a }'))).not.toBe(second);
  });

  test('nothing long is kept at all', () => {
    const classify = newClassifier();
    const long = call(`{ a(id: "${'x'.repeat(2_000)}") }`);
    expect(classify(long)).toEqual(classify(long));
    expect(classify(long)).not.toBe(classify(long));
  });
});
