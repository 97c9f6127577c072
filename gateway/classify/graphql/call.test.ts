import { describe, expect, test } from 'vitest';
import { refusalOf } from '#testing/classify';
import { isPersistedQuery, readGraphqlCall } from './call';

const JSON_TYPE = 'application/json';
const QUERY = '{ me { id } }';

interface Sent {
  readonly method?: string;
  readonly contentType?: string;
  readonly search?: string;
  readonly body?: unknown;
}

const read = ({ method = 'POST', contentType = JSON_TYPE, search = '', body = { query: QUERY } }: Sent) =>
  readGraphqlCall({ method, contentType, search, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('What is read, is read one way', () => {
  test.each<[string, Sent, object]>([
    ['a query alone', {}, { query: QUERY, operationName: null, variables: {} }],
    [
      'with all there may be',
      { body: { query: QUERY, operationName: 'A', variables: { id: 'x' }, extensions: {} } },
      { query: QUERY, operationName: 'A', variables: { id: 'x' } },
    ],
    [
      'null where nothing is meant',
      { body: { query: QUERY, operationName: null, variables: null, extensions: null } },
      { query: QUERY, operationName: null, variables: {} },
    ],
    [
      'an empty operationName, which is none',
      { body: { query: QUERY, operationName: '' } },
      { query: QUERY, operationName: null, variables: {} },
    ],
    [
      'its charset said',
      { contentType: 'application/json; charset=utf-8' },
      { query: QUERY, operationName: null, variables: {} },
    ],
    [
      'in capitals and quotes',
      { contentType: 'Application/JSON;Charset="UTF-8"' },
      { query: QUERY, operationName: null, variables: {} },
    ],
    [
      'GraphQL’s own media type',
      { contentType: 'application/graphql+json' },
      { query: QUERY, operationName: null, variables: {} },
    ],
  ])('%s', (_name, sent, call) => {
    expect(read(sent)).toEqual(call);
  });
});

describe('What another server might read another way is refused (T22, T48)', () => {
  test.each<[string, Sent, RegExp]>([
    ['GET with a query', { method: 'GET', search: `?query=${encodeURIComponent(QUERY)}`, body: '' }, /as a POST/],
    ['GET with a body', { method: 'GET' }, /as a POST/],
    ['HEAD', { method: 'HEAD' }, /as a POST/],
    ['PUT', { method: 'PUT' }, /as a POST/],
    ['post in small letters', { method: 'post' }, /as a POST/],
    ['a query in the address beside the body', { search: '?query=mutation%7Bx%7D' }, /nothing in the address/],
    ['variables in the address', { search: '?variables=%7B%7D' }, /nothing in the address/],
    ['anything in the address', { search: '?' }, /nothing in the address/],
    ['a batch', { body: [{ query: QUERY }, { query: 'mutation { x }' }] }, /Batches/],
    ['a batch of one', { body: [{ query: QUERY }] }, /Batches/],
    ['no batch at all', { body: [] }, /Batches/],
    ['a text', { body: '"{ me { id } }"' }, /JSON object/],
    ['a number', { body: '1' }, /JSON object/],
    ['null', { body: 'null' }, /JSON object/],
    ['nothing', { body: '' }, /invalid_json/],
    ['two values', { body: '{"query":"{a}"}{"query":"{b}"}' }, /invalid_json/],
    ['a byte order mark', { body: '\uFEFF{"query":"{a}"}' }, /invalid_json/],
    ['JSON with comments', { body: '{"query":"{a}" /* x */}' }, /invalid_json/],
    ['a query twice', { body: '{"query":"{ me { id } }","query":"mutation { x }"}' }, /invalid_json/],
    ['twice, one escaped', { body: '{"query":"{ me { id } }","\\u0071uery":"mutation { x }"}' }, /invalid_json/],
    ['variables twice', { body: '{"query":"{a}","variables":{"id":1},"variables":{"id":2}}' }, /invalid_json/],
    ['a variable twice', { body: '{"query":"{a}","variables":{"id":1,"id":2}}' }, /invalid_json/],
    ['a NUL', { body: '{"query":"{a}\\u0000"}' }, /invalid_json/],
    ['half a surrogate pair', { body: '{"query":"{a}\\ud800"}' }, /invalid_json/],
    ['a query in capitals', { body: { Query: QUERY } }, /"Query" is not known/],
    ['one beside the other', { body: { query: QUERY, Query: 'mutation { x }' } }, /"Query" is not known/],
    ['an unknown member', { body: { query: QUERY, mutation: 'x' } }, /"mutation" is not known/],
    ['a very long unknown member', { body: { query: QUERY, ['x'.repeat(5_000)]: 1 } }, /x{39}… ?|"x{40}"/],
    ['a member of every object’s', { body: '{"query":"{a}","constructor":{}}' }, /"constructor" is not known/],
    ['no query', { body: {} }, /query must be a text/],
    ['an empty query', { body: { query: '' } }, /query must be a text/],
    ['a query that is null', { body: { query: null } }, /query must be a text/],
    ['a list of queries', { body: { query: [QUERY] } }, /query must be a text/],
    ['a query as an object', { body: { query: { kind: 'Document' } } }, /query must be a text/],
    ['operationName as a list', { body: { query: QUERY, operationName: ['A'] } }, /operationName must be/],
    ['operationName as a number', { body: { query: QUERY, operationName: 0 } }, /operationName must be/],
    ['variables as a text', { body: { query: QUERY, variables: '{"id":"x"}' } }, /variables must be/],
    ['variables as a list', { body: { query: QUERY, variables: [1] } }, /variables must be/],
    ['variables as false', { body: { query: QUERY, variables: false } }, /variables must be/],
    [
      'extensions that say something',
      { body: { query: QUERY, extensions: { tracing: true } } },
      /extensions are not read/,
    ],
    ['extensions as a list', { body: { query: QUERY, extensions: [] } }, /extensions are not read/],
  ])('%s', (_name, sent, said) => {
    expect(refusalOf(() => read(sent))).toMatch(said);
  });

  test.each([
    '',
    'text/plain',
    'text/json',
    'application/graphql',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/mixed',
    'application/json, text/plain',
    'text/plain, application/json',
    'application/jsonp',
    'application/vnd.api+json',
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; boundary=x',
    'application/json;',
    'application/json; charset=utf-8, multipart/form-data',
  ])('the content type “%s”', (contentType) => {
    expect(refusalOf(() => read({ contentType }))).toMatch(/^unsupported_media_type/);
  });

  test.each<readonly [string, object]>([
    ['Apollo’s hash alone', { extensions: { persistedQuery: { version: 1, sha256Hash: 'ab' } } }],
    [
      'Apollo’s hash with its query',
      { query: QUERY, extensions: { persistedQuery: { version: 1, sha256Hash: 'ab' } } },
    ],
    ['a hash of null', { query: QUERY, extensions: { persistedQuery: null } }],
    ...['id', 'documentId', 'doc_id', 'queryId', 'hash'].map((name) => [`a ${name} alone`, { [name]: 'x' }] as const),
  ])('a stored query is named, and the client is told in the words it knows: %s', (_name, body) => {
    let thrown: unknown;
    try {
      read({ body });
    } catch (error) {
      thrown = error;
    }
    expect(isPersistedQuery(thrown)).toBe(true);
  });

  test('an id beside a query is no stored query but an unknown member', () => {
    expect(refusalOf(() => read({ body: { query: QUERY, id: 'x' } }))).toMatch(/"id" is not known/);
    expect(isPersistedQuery(new Error('PERSISTED_QUERY_NOT_SUPPORTED'))).toBe(false);
  });
});
