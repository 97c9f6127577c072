import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FileRequest } from '#lib/filing';
import { PROBLEMS } from '#lib/http/wire';
import { isGraphql, isHttp, isSql } from '#lib/targets';
import { AGENT_ENDPOINTS } from './agent-endpoints';
import { openApiDocument } from './document';
import { FILING_EXAMPLES } from './examples';

const ORIGINS = {
  web: 'https://console.example.com',
  agent: 'https://agents.example.com',
  gateway: 'https://gateway.example.com',
} as const;
const document = openApiDocument('web', ORIGINS.web);
const agents = openApiDocument('agent', ORIGINS.agent);
const gateway = openApiDocument('gateway', ORIGINS.gateway);
const API = 'app/api/v1';

/** `METHOD /path` of every handler Next.js would serve below /api/v1. */
const served = readdirSync(API, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('/route.ts') && !file.includes('[...'))
  .flatMap((file) => {
    const path = `/api/v1/${file.slice(0, -'/route.ts'.length).replaceAll(/\[(\w+)\]/g, '{$1}')}`;
    return [...readFileSync(`${API}/${file}`, 'utf8').matchAll(/^export const (GET|POST|PUT|PATCH|DELETE)\b/gm)].map(
      ([, method]) => `${method} ${path}`,
    );
  });

const documentedIn = ({ paths }: typeof document): string[] =>
  Object.entries(paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path}`),
  );

test('Every route of v1 is in the document and the document has no other (T15)', () => {
  expect(served.length).toBeGreaterThan(8);
  expect(documentedIn(document).sort()).toEqual(served.sort());
});

test('What is collected, and what passes the gateway, is documented at its own origin and at no other', () => {
  const paths = (of: typeof document): string[] => Object.keys(of.paths ?? {}).sort();
  expect(paths(document).every((path) => path.startsWith('/api/v1/'))).toBe(true);
  expect(paths(agents)).toEqual([
    '/.well-known/jwks.json',
    '/livez',
    '/openapi.json',
    '/readyz',
    '/v1/grants/{id}',
    '/v1/grants/{id}/credential',
    '/v1/introspect',
    '/v1/me/token',
    '/v1/revoke',
    '/v1/targets/{name}/rest',
  ]);
  expect(paths(gateway)).toEqual(['/t/{target}', '/t/{target}/{path}', '/v1/authorize/{target}']);
  for (const [name, of] of Object.entries({ web: document, agent: agents, gateway }))
    expect(of.servers).toEqual([{ url: ORIGINS[name as keyof typeof ORIGINS] }]);
});

test.each([
  ['web', document],
  ['agents', agents],
  ['gateway', gateway],
])(
  'The document of %s is OpenAPI 3.1 whose references all resolve and whose operations have one name each',
  (_, of) => {
    const text = JSON.stringify(of);
    expect(of.openapi).toBe('3.1.0');
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(of.components?.schemas).toHaveProperty(name ?? '');
    const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(documentedIn(of).length);
  },
);

test('What is filed is described from the schema that parses it', () => {
  const schema = document.components?.schemas?.['FileRequest'] as { required: string[]; additionalProperties: boolean };
  expect(schema.required.sort()).toEqual(['reason', 'resources', 'target', 'ttlSeconds', 'verbs']);
  expect(schema.additionalProperties).toBe(false);
});

test('Every example of a filing is one, and there is one for each kind of exact operation', () => {
  const examples = Object.values(FILING_EXAMPLES).map(({ value }) => FileRequest.parse(value));
  expect(Object.values(FILING_EXAMPLES).map(({ value }) => value)).toEqual(examples);
  const kinds = [isSql, isGraphql, isHttp].map((is) =>
    examples.some(({ operation }) => operation !== undefined && is(operation)),
  );
  expect(kinds).toEqual([true, true, true]);
});

test('Every example at the warden is what its schema says, word for word', () => {
  const examples = AGENT_ENDPOINTS.flatMap(({ path, body, examples = {}, answer, answerExamples = {} }) => [
    ...Object.values(examples).map(({ value }) => ({ path, schema: body, value })),
    ...Object.values(answerExamples).map(({ value }) => ({ path, schema: answer, value })),
  ]);
  expect(examples.length).toBeGreaterThan(10);
  for (const { path, schema, value } of examples) expect(schema?.parse(value), path).toEqual(value);
});

test('What has a DPoP header may be called with a token and a proof, and introspection with a service’s token', () => {
  const security = (path: string) => agents.paths?.[path]?.post?.security;
  expect(security('/v1/grants/{id}/credential')).toEqual([{ collectSecret: [] }, { askToken: [], proof: [] }]);
  expect(security('/v1/targets/{name}/rest')).toEqual([{ collectSecret: [] }, { askToken: [], proof: [] }]);
  expect(security('/v1/introspect')).toEqual([{ askToken: [] }, { collectSecret: [] }, { serviceToken: [] }]);
  expect(security('/v1/me/token')).toEqual([{ askToken: [], proof: [] }]);
  expect(security('/v1/revoke')).toEqual([{ askToken: [] }, { collectSecret: [] }]);
  for (const each of [document, agents, gateway]) {
    const used = [...JSON.stringify(each.paths).matchAll(/"(askToken|collectSecret|serviceToken|proof)":\[\]/g)].map(
      ([, name]) => name,
    );
    expect(Object.keys(each.components?.securitySchemes ?? {}).sort()).toEqual([...new Set(used)].sort());
  }
});

test('A refusal at the gateway is described with what asks for the call', () => {
  const refused = gateway.paths?.['/t/{target}']?.post?.responses?.['403'];
  expect(JSON.stringify(refused)).toContain('#/components/schemas/ElevationRequired');
});

test('Every method that passes the gateway is described, with the headers that it reads and answers', () => {
  const calls = gateway.paths?.['/t/{target}/{path}'] ?? {};
  expect(Object.keys(calls).sort()).toEqual(['delete', 'get', 'head', 'patch', 'post', 'put']);
  for (const operation of Object.values(calls)) {
    const names = (operation.parameters ?? []).map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['Prefer', 'DPoP', 'Countersign-Reason']));
    expect(operation.responses['200'].headers).toHaveProperty('Preference-Applied');
    expect(operation.responses['200'].headers).toHaveProperty('X-Countersign-Truncated');
    for (const { headers } of Object.values<{ headers: object }>(operation.responses))
      expect(headers).toHaveProperty('DPoP-Nonce');
    // A held call is collected like any other approval, and may end like one.
    expect(operation.responses['409'].description).toMatch(/`conflict`.*`already_decided`/);
    expect(operation.responses['403'].description).toContain('`statement_refused`');
  }
});

test('Collecting asks for a proof with a nonce as calls to providers do', () => {
  for (const path of ['/v1/grants/{id}/credential', '/v1/targets/{name}/rest', '/v1/me/token']) {
    const responses = agents.paths?.[path]?.post?.responses;
    expect(Object.keys(responses?.['401']?.headers ?? {})).toEqual(['DPoP-Nonce', 'WWW-Authenticate']);
    expect(responses?.['404']?.headers ?? {}).not.toHaveProperty('DPoP-Nonce');
  }
});

test('A proxy that asks gets 204, and who the caller is in headers (T52)', () => {
  const responses = gateway.paths?.['/v1/authorize/{target}']?.get?.responses;
  expect(responses).not.toHaveProperty('200');
  expect(Object.keys(responses?.['204']?.headers ?? {})).toEqual(
    expect.arrayContaining(['X-Countersign-Agent', 'X-Countersign-Grant']),
  );
});

test('docs/api.md lists every code under its status', () => {
  const rows = [...readFileSync('docs/api.md', 'utf8').matchAll(/^\| ([\d, ]+) \| (.+) \|$/gm)];
  for (const [code, { status }] of Object.entries(PROBLEMS)) {
    const row = rows.find(([, statuses]) => statuses?.split(', ').includes(String(status)));
    expect(row?.[2], code).toContain(`\`${code}\``);
  }
});
