import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { ApiServer, Endpoint } from './endpoint';
import { ENDPOINTS } from './endpoints';
import { contentOf, problems, success } from './responses';
import { SCHEMES, schemesOf, securityOf } from './security';

const ERRORS = `Errors are RFC 9457 problems with a stable \`type\` (an identifier, \`https://countersign.dev/problems/<code>\`, not a link), a \`code\`,
\`errors[].pointer\` (RFC 6901) and a \`requestId\`, which is also in \`X-Request-Id\`. A \`traceparent\` you send names the request id.`;

const ABOUT: Readonly<Record<ApiServer, { readonly title: string; readonly text: string; readonly tag: string }>> = {
  web: {
    title: 'Countersign for agents: asking',
    text: `Agents ask here for power that people grant with a hardware key. Send your ask token as
\`Authorization: Bearer cs_ask_…\`. File a request, wait for its decision with \`Prefer: wait=60\`, then collect at the address that
the grant names. Collecting is described at \`/openapi.json\` of the warden's origin for agents, calls to providers at \`/openapi.json\` of the gateway's. The collect secret is never sent here.`,
    tag: 'Asking',
  },
  agent: {
    title: 'Countersign for agents: collecting',
    text: `What was approved is collected here, and nowhere else, with the collect secret (\`Authorization: Bearer cs_col_…\`), or with the ask token and a
proof by the agent's own key; services ask here whether a token is good. Requests are filed at the console's
origin, which describes that at \`/api/openapi.json\`.`,
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
  const served = ENDPOINTS.filter((endpoint) => endpoint.server === server);
  for (const name of schemesOf(served)) registry.registerComponent('securitySchemes', name, SCHEMES[name]);
  for (const endpoint of served) registry.registerPath(routeOf(endpoint));
  const { title, text } = ABOUT[server];
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title, version: '1', description: `${text}\n\n${ERRORS}` },
    servers: [{ url: origin }],
  });
}

function routeOf(endpoint: Endpoint): RouteConfig {
  const { method, path, server, summary, description } = endpoint;
  return {
    method,
    path,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [ABOUT[server].tag],
    operationId: operationId(endpoint),
    security: securityOf(endpoint),
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
  bodyTypes = ['application/json'],
  bodyRequired = true,
  examples,
}: Endpoint): NonNullable<RouteConfig['request']> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return {
    ...(names.length > 0 ? { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) } : {}),
    ...(query === undefined ? {} : { query }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body: { required: bodyRequired, content: contentOf(bodyTypes, body, examples) } }),
  };
}
