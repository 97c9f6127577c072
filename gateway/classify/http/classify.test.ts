import { describe, expect, test } from 'vitest';
import type { HttpProfile } from '#lib/profiles';
import { httpProfile } from '#lib/profiles';
import { refusalOf } from '#testing/classify';
import { classifyHttp } from './classify';

const generic = httpProfile('generic-http');

/** A provider with rules of every sort. */
const cloud: HttpProfile = {
  ...generic,
  rules: [
    ['GET', '/v1/users/me/keys', ['sensitive', 'key', 'read']],
    ['GET', '/v1/users/{user}/keys', ['safe', 'user', 'read', '{user}']],
    ['GET', '/v1/repos/{owner}/{repo}', ['safe', 'repo', 'read', '{owner}/{repo}']],
    ['DELETE', '/v1/repos/{owner}/{repo}', ['destructive', 'repo', 'delete', '{owner}/{repo}']],
    ['PUT', '/v1/orgs/{org}/members/{user}', ['escalating', 'member', 'create', '{org}']],
    ['POST', '/v1/search', ['safe', 'catalog', 'read']],
    ['GET', '/v1/files/**', ['safe', 'file', 'read']],
    ['GET', '/v1/{constructor}/proto', ['safe', 'thing', 'read', '{constructor}']],
  ],
  resolvers: { 'DELETE /v1/repos/{owner}/{repo}': { steps: [], facts: [], environment: null, subject: null } },
};

interface Sent {
  readonly profile?: HttpProfile;
  readonly opens?: readonly string[];
  readonly closes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

const classify = (line: string, { profile = generic, opens = [], closes = [], headers = {} }: Sent = {}) => {
  const at = line.indexOf(' ');
  const call = { method: line.slice(0, at), target: line.slice(at + 1), headers: new Map(Object.entries(headers)) };
  return classifyHttp({ profile, opens, closes, call });
};
const classOf = (line: string, sent?: Sent) => classify(line, sent).class;
const OPEN = { opens: ['GET /v1/things', 'GET /v1/things/**', 'GET /v1/users/{id}/name'] };

describe('Unknown is a write (P7)', () => {
  test.each([
    ['GET /v1/things', 'write', 'path/v1/things', 'get'],
    ['HEAD /v1/things', 'write', 'path/v1/things', 'get'],
    ['POST /v1/things', 'write', 'path/v1/things', 'post'],
    ['PUT /v1/things/7', 'write', 'path/v1/things/7', 'put'],
    ['PATCH /v1/things/7', 'write', 'path/v1/things/7', 'patch'],
    ['DELETE /v1/things/7', 'destructive', 'path/v1/things/7', 'delete'],
    ['GET /', 'write', 'path/*', 'get'],
    ['GET /v1/things/', 'write', 'path/*', 'get'],
    ['DELETE /v1/*', 'destructive', 'path/*', 'delete'],
    ['DELETE /v1/caf%C3%A9', 'destructive', 'path/*', 'delete'],
    ["GET /v1/x('1')", 'write', 'path/*', 'get'],
    [`GET /${'a'.repeat(300)}`, 'write', 'path/*', 'get'],
  ])('%s is %s of %s', (line, level, resource, verb) => {
    const { acts, class: classified, resolver, args } = classify(line);
    expect(acts).toEqual([expect.objectContaining({ class: level, resource, verb })]);
    expect([classified, resolver, args]).toEqual([level, null, {}]);
  });

  test.each([
    'get',
    'Get',
    'OPTIONS',
    'TRACE',
    'CONNECT',
    'PROPFIND',
    'QUERY',
    'PURGE',
    'LINK',
    '',
    'GET\t',
    'constructor',
  ])('the method “%s” is refused', (method) => {
    expect(refusalOf(() => classify(`${method} /v1/things`, OPEN))).toMatch(/Use one of/);
  });

  test('what goes out is what was classified: the path and query in their one spelling, and no other member', () => {
    expect(classify('GET /v1/%74hings?a=%7e&b=%2f').operation).toEqual({ method: 'GET', path: '/v1/things?a=~&b=%2F' });
    expect(classify('GET /v1/%74hings?a=1').name).toBe('GET /v1/things');
  });
});

describe('An owner opens reads by the letter', () => {
  test.each([
    ['GET /v1/things', 'safe'],
    ['HEAD /v1/things', 'safe'],
    ['GET /v1/%74hings', 'safe'],
    ['GET /v1/things?any=1', 'safe'],
    ['GET /v1/things/', 'safe'],
    ['GET /v1/things/1/2/3', 'safe'],
    ['GET /v1/users/17/name', 'safe'],
    ['GET /v1/users/%2A/name', 'safe'],
    ['GET /v1/users//name', null],
    ['GET /v1/users/name', 'write'],
    ['GET /v1/users/17/18/name', 'write'],
    ['GET /v1/users/17/name/', 'write'],
    ['GET /v1/Things', 'write'],
    ['GET /v1/thingsx', 'write'],
    ['GET /v1/thing', 'write'],
    ['GET /v1', 'write'],
    ['GET /v1/things.json', 'write'],
    ['POST /v1/things', 'write'],
    ['DELETE /v1/things/1', 'destructive'],
    ['GET /v1/things/../users', null],
    ['GET /v1/things/%2e%2e/users', null],
    ['GET /v1/things/..%2fusers', null],
    ['GET /v1/things/..;/users', null],
  ])('%s is %s', (line, level) => {
    if (level === null) expect(refusalOf(() => classify(line, OPEN))).toMatch(/^invalid_request/);
    else expect(classOf(line, OPEN)).toBe(level);
  });

  test('HEAD alone may be opened, and then GET is not', () => {
    const opens = ['HEAD /v1/things'];
    expect([classOf('HEAD /v1/things', { opens }), classOf('GET /v1/things', { opens })]).toEqual(['safe', 'write']);
  });

  test('** stands for any rest at the end, and for itself elsewhere', () => {
    expect(classOf('GET /v1/a/b', { opens: ['GET /**'] })).toBe('safe');
    expect(classOf('GET /', { opens: ['GET /**'] })).toBe('safe');
    expect(classOf('GET /v1/x/name', { opens: ['GET /v1/**/name'] })).toBe('write');
    expect(classOf('GET /v1/x', { opens: ['GET /v1/*'] })).toBe('write');
  });
});

describe('What an owner closed is closed in every reading of it (T50)', () => {
  const sent = {
    opens: ['GET /v1/**'],
    closes: ['GET /v1/secrets', 'GET /v1/people/{id}/mail', 'GET /v1/caf%C3%A9/**'],
  };
  test.each([
    '/v1/secrets',
    '/v1/%73ecrets',
    '/v1/secrets/',
    '/v1/SECRETS',
    '/V1/secrets',
    '/v1/secrets.json',
    '/v1/Secrets.JSON/',
    '/v1/%EF%BD%93ecrets',
    '/v1/secrets?x=1',
    '/v1/people/7/mail',
    '/v1/people/7/Mail/',
    '/v1/people/7/mail.xml',
    '/v1/caf%c3%a9',
    '/v1/CAF%C3%89/menu',
  ])('GET and HEAD %s', (path) => {
    for (const method of ['GET', 'HEAD']) expect(classOf(`${method} ${path}`, sent)).not.toBe('safe');
  });

  test.each(['/v1/secret', '/v1/secrets/7', '/v1/things', '/v1/people/7', '/v1/people/7/mail/1', '/v1/secretsjson'])(
    'and nothing else is: %s',
    (path) => {
      expect(classOf(`GET ${path}`, sent)).toBe('safe');
    },
  );

  test.each([
    '/v1/secrets;x',
    '/v1/(S(x))/secrets',
    '/v1/secre(S(x))ts',
    '/v1/./secrets',
    '/v1//secrets',
    '/v1/secrets%20',
    '/v1/secrets%00',
    '/v1/secrets.',
  ])('other spellings of it are refused: %s', (path) => {
    expect(refusalOf(() => classify(`GET ${path}`, sent))).toMatch(/^invalid_request/);
  });

  test('a safe operation of the profile is closed, and where both are said, closed it is', () => {
    expect(classOf('GET /v1/repos/a/b', { profile: cloud })).toBe('safe');
    const closes = ['GET /v1/repos/{owner}/{repo}'];
    expect(classOf('GET /v1/repos/a/b', { profile: cloud, closes })).toBe('sensitive');
    expect(classOf('HEAD /v1/repos/a/b', { profile: cloud, closes, opens: closes })).toBe('sensitive');
  });

  test('what is worse is not made better by closing it, and closing HEAD leaves GET open', () => {
    const closes = ['GET /v1/users/me/keys', 'HEAD /v1/repos/{o}/{r}'];
    expect(classOf('GET /v1/users/me/keys', { profile: cloud, closes })).toBe('sensitive');
    expect(classOf('HEAD /v1/repos/a/b', { profile: cloud, closes })).toBe('sensitive');
    expect(classOf('GET /v1/repos/a/b', { profile: cloud, closes })).toBe('safe');
  });
});

describe('A profile’s rules', () => {
  const by = { profile: cloud };
  test('the first that fits counts, its template filled from the path', () => {
    const { acts, args, resolver } = classify('DELETE /v1/repos/acme/shop', by);
    expect(acts).toEqual([
      expect.objectContaining({
        operation: 'DELETE /v1/repos/{owner}/{repo}',
        class: 'destructive',
        resource: 'repo/acme/shop',
        verb: 'delete',
      }),
    ]);
    expect(args).toEqual({ owner: 'acme', repo: 'shop' });
    expect(resolver).toBe('DELETE /v1/repos/{owner}/{repo}');
    expect(classify('GET /v1/repos/acme/shop', by).resolver).toBeNull();
    expect(classify('GET /v1/files/a/b/c', by).acts[0]?.resource).toBe('file/*');
  });

  test.each([
    ['GET /v1/users/me/keys', 'sensitive'],
    ['GET /v1/users/ada/keys', 'safe'],
    ['HEAD /v1/users/me/keys', 'sensitive'],
    ['POST /v1/search', 'safe'],
    ['PUT /v1/orgs/acme/members/eve', 'escalating'],
  ])('%s is %s', (line, level) => {
    expect(classOf(line, by)).toBe(level);
  });

  test.each([
    ['GET /v1/users/ME/keys', 'write'],
    ['GET /v1/users/Me/keys', 'write'],
    ['GET /v1/users/me/KEYS', 'write'],
    ['GET /v1/users/me/keys/', 'write'],
    ['GET /v1/users/me/keys.json', 'write'],
    ['PUT /v1/Orgs/acme/members/eve', 'escalating'],
    ['PUT /v1/orgs/acme/members/eve/', 'escalating'],
    ['PUT /v1/orgs/acme/MEMBERS/eve', 'escalating'],
    ['DELETE /v1/Repos/acme/shop', 'destructive'],
  ])('%s, which a careless server takes for something worse, is at least %s and named by its path', (line, level) => {
    const { acts, resolver } = classify(line, by);
    expect(acts).toEqual([expect.objectContaining({ class: level, resource: expect.stringMatching(/^path\//) })]);
    expect(resolver).toBeNull();
  });

  test.each(['*', '%2A', 'a%20b', '%C3%A9', "x'y", '(x)', 'a,b', `${'y'.repeat(300)}`])(
    'an id that is no name is refused, never widened: %s',
    (id) => {
      expect(refusalOf(() => classify(`DELETE /v1/repos/acme/${id}`, by))).toMatch(/no name that can be classified/);
      expect(refusalOf(() => classify(`DELETE /v1/repos/${id}/shop`, by))).toMatch(/no name that can be classified/);
    },
  );

  test('names of every object are names like others', () => {
    expect(classify('GET /v1/__proto__/proto', by).acts[0]?.resource).toBe('thing/__proto__');
    expect(classify('GET /v1/toString/proto', by).args).toEqual({ constructor: 'toString' });
  });
});

describe('Who asks for another method, in whatever spelling, gets at least a write (T55)', () => {
  test.each([
    'x-http-method-override',
    'x-http-method',
    'x-method-override',
    'x-method',
    'x_http_method_override',
    'x-http_method_override',
    'x-httpmethod-override',
    'x-http-methodoverride',
    'http-method-override',
    'method-override',
  ])('the header %s', (name) => {
    expect(classOf('GET /v1/things', { ...OPEN, headers: { [name]: 'DELETE' } })).toBe('write');
    expect(classOf('GET /v1/things', { ...OPEN, headers: { [name]: 'GET' } })).toBe('write');
    for (const line of ['POST /v1/things', 'POST /v1/search', 'DELETE /v1/things/1', 'PUT /v1/orgs/a/members/b'])
      expect(refusalOf(() => classify(line, { profile: cloud, headers: { [name]: 'DELETE' } }))).toMatch(/you mean/);
  });

  test.each([
    '_method=DELETE',
    '_METHOD=DELETE',
    'a=1&_method=DELETE',
    'a=1;_method=DELETE',
    '%5fmethod=DELETE',
    '_%6Dethod=DELETE',
    '_method[]=DELETE',
    '_method%5B%5D=DELETE',
    '_method[a][b]=DELETE',
    '_method',
    '_method=',
    '+_method=DELETE',
    '%20_method=DELETE',
    '_method+=DELETE',
    '_method%00x=DELETE',
    '_method%00=DELETE',
    '.method=DELETE',
    '%5Bmethod=DELETE',
    '%09_method=DELETE',
    '__method=DELETE',
    '_HttpMethod=PATCH',
    '_http_method=DELETE',
    'http_method=DELETE',
    'http-method=DELETE',
    'x-http-method=DELETE',
    'X-HTTP-Method-Override=DELETE',
    'x-http-method-override%5b%5d=DELETE',
    'x.http.method.override=DELETE',
    'x-method-override=DELETE',
    'method_override=DELETE',
    'method-override=DELETE',
    '_method=GET&_method=DELETE',
  ])('the parameter ?%s', (query) => {
    // Some of these are refused as no query at all, which is as good.
    const refused = refusalOf(() => classify(`GET /v1/things?${query}`, OPEN));
    if (refused === null) expect(classOf(`GET /v1/things?${query}`, OPEN)).toBe('write');
    else expect(query).toMatch(/[[\]]/);
    expect(refusalOf(() => classify(`POST /v1/things/7?${query}`))).toMatch(/^invalid_request/);
  });

  test.each(['method=card', 'a=_method', 'payment_method=card', 'methods=1', 'm=_method=x', 'override=1', 'x=1&y=2'])(
    'and what only sounds like it passes: ?%s',
    (query) => {
      expect(classOf(`GET /v1/things?${query}`, OPEN)).toBe('safe');
    },
  );

  test.each([
    'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-Urlencoded; charset=utf-8',
    'multipart/form-data; boundary=x',
    'multipart/mixed',
  ])('a form may hide one in its body, which has to be granted with it: %s', (type) => {
    const headers = { 'content-type': type };
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const { acts, class: level } = classify(`${method} /v1/things/7`, { headers });
      expect(level).toBe('destructive');
      expect(acts.map(({ resource, verb }) => `${resource} ${verb}`)).toEqual([
        `path/v1/things/7 ${method.toLowerCase()}`,
        'path/v1/things/7 delete',
      ]);
      expect(acts[1]?.why).toMatch(/form/);
    }
    expect(classOf('POST /v1/search', { profile: cloud, headers })).toBe('destructive');
    expect(classOf('PUT /v1/orgs/a/members/b', { profile: cloud, headers })).toBe('escalating');
    expect(classOf('GET /v1/things', { ...OPEN, headers })).toBe('safe');
    expect(classOf('POST /v1/search', { profile: cloud, headers: { 'content-type': 'application/json' } })).toBe(
      'safe',
    );
  });
});

describe('What a call’s headers make another call is refused (T49, T55)', () => {
  test.each([
    ['content-length', '1'],
    ['content-length', '0, 5'],
    ['content-length', 'x'],
    ['transfer-encoding', 'chunked'],
    ['transfer-encoding', ''],
  ])('a read with a body: %s: %s', (name, value) => {
    for (const method of ['GET', 'HEAD'])
      expect(refusalOf(() => classify(`${method} /v1/things`, { ...OPEN, headers: { [name]: value } }))).toMatch(
        /^invalid_request/,
      );
  });

  test('one that says it has none passes, and a write has what body it likes', () => {
    expect(classOf('GET /v1/things', { ...OPEN, headers: { 'content-length': '0' } })).toBe('safe');
    expect(classOf('POST /v1/things', { headers: { 'content-length': '7' } })).toBe('write');
    expect(classOf('POST /v1/things', { headers: { 'transfer-encoding': 'Chunked' } })).toBe('write');
    expect(refusalOf(() => classify('POST /v1/things', { headers: { 'transfer-encoding': 'gzip, chunked' } }))).toMatch(
      /only chunked/,
    );
  });

  test.each(['x-original-url', 'x-rewrite-url', 'x-override-url', 'x_original_url', 'x-forwarded-prefix'])(
    'another path in %s',
    (name) => {
      expect(refusalOf(() => classify('GET /v1/things', { ...OPEN, headers: { [name]: '/admin' } }))).toMatch(
        /path you/,
      );
    },
  );

  test.each(['x-original-uri', 'x-original-method', 'x-forwarded-uri', 'x-forwarded-method', 'x-forwarded-host'])(
    'and a proxy’s own %s is none',
    (name) => {
      expect(classOf('GET /v1/things', { ...OPEN, headers: { [name]: '/v1/things' } })).toBe('safe');
    },
  );
});
