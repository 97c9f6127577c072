import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { graphqlProfile } from '#lib/profiles';
import { graphqlJudge } from './classifier';

const schema = buildSchema('type Query { a(id: ID): String }');
const judgeNew = () =>
  graphqlJudge({ profile: graphqlProfile('generic-graphql'), opens: ['query a'], closes: [], schema });
const call = (query: string) => ({
  method: 'POST',
  contentType: 'application/json',
  search: '',
  body: JSON.stringify({ query }),
});

describe('What was judged once is kept, as long as that is cheap (T68)', () => {
  test('the same bytes are answered with the same judgement', () => {
    const judge = judgeNew();
    expect(judge(call('{ a }'))).toBe(judge(call('{ a }')));
    expect(judge(call('{ a }'))).not.toBe(judge(call('{  a }')));
  });

  test('what was not asked for the longest is forgotten when two hundred others came', () => {
    const judge = judgeNew();
    const [first, second] = [judge(call('{ a }')), judge(call('{ b: a }'))];
    for (let index = 0; index < 198; index += 1) judge(call(`{ a${index}: a }`));
    expect(judge(call('{ a }'))).toBe(first);
    judge(call('{ one: a }'));
    expect(judge(call('{ a }'))).toBe(first);
    expect(judge(call('{ b: a }'))).not.toBe(second);
  });

  test('nothing long is kept at all', () => {
    const judge = judgeNew();
    const long = call(`{ a(id: "${'x'.repeat(2_000)}") }`);
    expect(judge(long)).toEqual(judge(long));
    expect(judge(long)).not.toBe(judge(long));
  });
});
