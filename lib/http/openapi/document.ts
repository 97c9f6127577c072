import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type ResponseConfig,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { ErrorCode } from '#lib/core';
import { ProblemResource } from '#lib/http/rest';
import { PROBLEMS } from '#lib/http/wire';
import type { ApiServer, Endpoint } from './endpoint';
import { ENDPOINTS } from './endpoints';
import { ElevationRequired } from './gateway-schemas';

const ERRORS = `Errors are RFC 9457 problems with a stable \`type\` (an identifier, \`https://countersign.dev/problems/<code>\`, not a link), a \`code\`,
\`errors[].pointer\` (RFC 6901) and a \`requestId\`, which is also in \`X-Request-Id\`. A \`traceparent\` you send names the request id.`;

const ABOUT: Readonly<Record<ApiServer, { readonly title: string; readonly text: string; readonly tag: string }>> = {
  web: {
    title: 'Countersign for agents: asking',
    text: `Agents ask here for power that people grant with a hardware key. Send your ask token as
\`Authorization: Bearer cs_ask_…\`. File a request, wait for its decision with \`Prefer: wait=60\`, then collect at the address that
the grant names. Calls to providers are described at the gateway's own \`/openapi.json\`.`,
    tag: 'Asking',
  },
  agent: {
    title: 'Countersign for agents: collecting',
    text: `What was approved is collected here, and nowhere else; services ask here whether a token is good.`,
    tag: 'Collecting',
  },
  gateway: {
    title: 'Countersign for agents: providers',
    text: `A provider behind the gateway is called here as ever, at \`/t/{target}\`: what needs a person is refused with the request that asks for it.`,
    tag: 'At the gateway',
  },
};

/** OpenAPI 3.1 of what one origin serves, generated from the schemas the routes parse with. */
export function openApiDocument(server: ApiServer, origin: string) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'askToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'An agent’s ask token, `cs_ask_…`. It can ask and read its own; nothing else, ever.',
  });
  const served = ENDPOINTS.filter((endpoint) => endpoint.server === server);
  for (const endpoint of served) registry.registerPath(routeOf(endpoint));
  const { title, text } = ABOUT[server];
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title, version: '1', description: `${text}\n\n${ERRORS}` },
    servers: [{ url: origin }],
  });
}

function routeOf(endpoint: Endpoint): RouteConfig {
  const { method, path, server, summary, description, open = false } = endpoint;
  return {
    method,
    path,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [ABOUT[server].tag],
    operationId: operationId(endpoint),
    security: open ? [] : [{ askToken: [] }],
    request: requestOf(endpoint),
    responses: { ...success(endpoint), ...problems(endpoint) },
  };
}

const operationId = ({ method, path }: Endpoint): string =>
  [method, ...path.split(/[^A-Za-z]+/).filter((part) => part !== '' && part !== 'api' && part !== 'v')].join('_');

function requestOf({
  path,
  query,
  headers,
  body,
  bodyType = 'application/json',
  bodyRequired = true,
  examples,
}: Endpoint): NonNullable<RouteConfig['request']> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return {
    ...(names.length > 0 ? { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) } : {}),
    ...(query === undefined ? {} : { query }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined
      ? {}
      : {
          body: {
            required: bodyRequired,
            content: { [bodyType]: { schema: body, ...(examples === undefined ? {} : { examples: { ...examples } }) } },
          },
        }),
  };
}

function success({
  status = 200,
  answer,
  answerType = 'application/json',
  answerHeaders,
  headers,
}: Endpoint): Record<string, ResponseConfig> {
  const conditional = headers !== undefined && 'If-None-Match' in headers.shape;
  return {
    [status]: {
      description: status === 201 ? 'Filed. Location says where.' : 'Done.',
      ...(answer === undefined ? {} : { content: { [answerType]: { schema: answer } } }),
      ...withHeaders(answerHeaders),
    },
    ...(conditional ? { 304: { description: 'It is still what you have.' } } : {}),
  };
}

/** One response a status, naming the codes it can carry. */
function problems({
  problems: own,
  open = false,
  problemHeaders,
  proofHeaders,
}: Endpoint): Record<string, ResponseConfig> {
  const codes: ErrorCode[] = open
    ? [...own, 'unavailable']
    : ['unauthenticated', ...own, 'rate_limited', 'unavailable'];
  const byStatus = grouped(codes);
  const headersOf = (status: number) => (status === 401 && proofHeaders !== undefined ? proofHeaders : problemHeaders);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
        content: { 'application/problem+json': { schema: schemaOf(same) } },
        ...withHeaders(headersOf(status)),
      },
    ]),
  );
}

const withHeaders = (headers: z.ZodObject | undefined) => (headers === undefined ? {} : { headers });

/** A refusal that says how to ask says more than a problem. */
const schemaOf = (codes: readonly ErrorCode[]): z.ZodType =>
  codes.includes('elevation_required') ? z.union([ElevationRequired, ProblemResource]) : ProblemResource;

function grouped(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}
