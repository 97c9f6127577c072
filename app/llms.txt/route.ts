import { web } from '#lib/console';

/** For agents that come here without having been told how (llmstxt.org). */
export function GET(): Response {
  return new Response(text(web().env), { headers: { 'content-type': 'text/markdown; charset=utf-8' } });
}

type Origins = Readonly<Record<'webOrigin' | 'agentOrigin' | 'gatewayOrigin', string>>;

const text = ({ webOrigin, agentOrigin, gatewayOrigin }: Origins): string => `# Countersign

> You may look. To touch, ask here: a person answers with a hardware key, and what you get is small, short and ends by itself.

You have two secrets. The ask token (\`Authorization: Bearer cs_ask_…\`) goes into every call but collecting; the collect secret (\`cs_col_…\`) goes to
\`${agentOrigin}\` and nowhere else. If you have a key (DPoP), you have no collect secret: the ask token and a proof collect. Neither can ever approve.

## How to get access

1. \`GET ${webOrigin}/api/v1/targets\`: what you can ask for, with verbs and example resources.
2. \`POST ${webOrigin}/api/v1/requests\` with JSON: \`target\`, \`resources\`, \`verbs\`, \`ttlSeconds\`, \`reason\`; optionally \`operation\`,
   the exact SQL statement, GraphQL operation or HTTP call, which is easier to say yes to: it is run once, as it stands. Send an \`Idempotency-Key\`, so that a retry is no second request.
   Ask for the least: one table, the verbs you need, minutes. Say why, truthfully and with the ticket; people decide on it.
3. \`GET\` the answer's \`links.self\` with \`Prefer: wait=60\` until \`state\` is not \`pending\`. Tell your person the address in \`links.console\`.
4. \`approved\`: \`POST\` to \`grant.collectUrl\` before \`grant.collectBy\`, with the collect secret. The credential is handed out once; the clock starts then.
5. Done early? \`POST ${webOrigin}/api/v1/grants/{id}/return\`.

## Providers behind the gateway

Targets of kind \`graphql\` and \`http\` are called at \`${gatewayOrigin}/t/{target}\`, with the provider's own path behind it and your ask token.
Safe reads pass where an owner let you read. A 403 with \`code: elevation_required\` means nothing was sent and a person has to decide; it is no fault to work around.
Either send its \`request.body\` to \`${webOrigin}/api/v1/requests\` with your own reason, or send the same call again with \`Prefer: wait=300\`
and \`Countersign-Reason\`: it is held, and answered with the provider's answer if a person approves. Hang up and the request stays open: the same call sent again joins it.
With a key (DPoP), put the \`DPoP-Nonce\` of the last answer into the next proof; collecting too tells one in its 401.

## When the answer is no

Denied or lapsed means no. Do not ask again for the same; \`stateReason\` says why, where somebody wrote it.
Errors are problems (RFC 9457): read \`detail\` and \`errors[].pointer\`. On 429, wait as long as \`Retry-After\` says.

## Reference

- [OpenAPI 3.1 of asking](${webOrigin}/api/openapi.json), [the same, readable](${webOrigin}/docs/api)
- [OpenAPI 3.1 of collecting](${agentOrigin}/openapi.json)
${gatewayOrigin === agentOrigin ? '' : `- [OpenAPI 3.1 of calls to providers](${gatewayOrigin}/openapi.json)\n`}- [Keys of issued tokens](${agentOrigin}/.well-known/jwks.json)
`;

export const dynamic = 'force-dynamic';
