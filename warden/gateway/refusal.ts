import { DomainError } from '#lib/core';
import { type ProblemParts, problemBody } from '#lib/http';
import { type Act, scopeOf } from '#lib/profiles';
import type { Operation, UpstreamConfig } from '#lib/targets';
import { isPersistedQuery, type Judgement } from '#warden/judge';
import type { Decision } from './decide';

/** How long a grant for one exact operation lives: time to collect it, not to linger. */
export const EXACT_SECONDS = 300;

/** The longest a call is held open, seconds. */
export const MAX_WAIT_SECONDS = 900;

type Nobody = Extract<Decision, { by: 'nobody' }>;

/** A call that nobody has allowed, and all an agent needs to ask for it. */
export interface Refused {
  readonly config: UpstreamConfig;
  readonly judgement: Judgement;
  readonly decision: Nobody;
  /** The operation with its body, ready to be asked for; null where it is too large or not text. */
  readonly operation: Operation | null;
  /** Whether the same call can be sent again to be held; not through a proxy that only asks. */
  readonly mayWait: boolean;
  readonly webOrigin: string;
}

/** The body of `POST /api/v1/requests` that asks for exactly this. */
export function requestFor({ config, judgement, operation }: Refused, reason: string) {
  return {
    target: config.name,
    ...scopeOf(judgement.acts),
    ttlSeconds: Math.min(EXACT_SECONDS, config.maxTtlSeconds),
    reason,
    ...(operation === null ? {} : { operation }),
  };
}

/** Status 403 and what to do about it: in words, and ready to be sent (RFC 9457; for GraphQL also `errors`). */
export function elevationRequired(refused: Refused, requestId: string): { status: number; body: string } {
  const { config, judgement, decision, webOrigin } = refused;
  const detail = wordsFor(refused);
  const { status, body } = problemBody(new DomainError('elevation_required', detail), requestId);
  const problem = {
    ...(JSON.parse(body) as object),
    judged: { operation: judgement.name, class: judgement.class, missing: decision.acts },
    request: { method: 'POST', url: `${webOrigin}/api/v1/requests`, body: requestFor(refused, REASON) },
    ...(refused.operation === null || !refused.mayWait
      ? {}
      : { wait: { header: 'Prefer', value: `wait=${EXACT_SECONDS}` } }),
  };
  return {
    status,
    body: JSON.stringify(config.kind === 'graphql' ? { ...problem, errors: errorsOf(detail, problem) } : problem),
  };
}

const REASON = 'Say here, in your own words, why you need this.';

/** GraphQL clients look nowhere else. */
const errorsOf = (message: string, problem: object): object[] => [
  { message, extensions: { ...problem, code: 'ELEVATION_REQUIRED' } },
];

/** Any other problem, for a client that speaks GraphQL. */
export function graphqlProblem(error: unknown, requestId: string): ProblemParts {
  const parts = problemBody(error, requestId);
  // Clients that name stored queries know this very answer, and send the whole query next.
  if (isPersistedQuery(error)) return { ...parts, status: 200, body: NOT_STORED };
  const { errors: fields, ...problem } = JSON.parse(parts.body) as { code: string; detail: string; errors?: unknown };
  const extensions = { ...problem, ...(fields === undefined ? {} : { fields }), code: problem.code.toUpperCase() };
  return { ...parts, body: JSON.stringify({ ...problem, errors: [{ message: problem.detail, extensions }] }) };
}

const NOT_STORED = JSON.stringify({
  errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
});

/** Read by an agent and by nobody else: what happened, why, the one way on, and that there is no other. */
export function wordsFor({ config, judgement, decision, operation, mayWait }: Refused): string {
  return [
    `Not run, and nothing was sent: ${judgement.name} on ${config.name} needs a person's yes.`,
    ...decision.acts.slice(0, 5).map(whyOf),
    WHY[decision.why],
    operation === null ? NOT_EXACT : `${ASK}${mayWait ? WAIT : '.'}${ONCE}`,
    FINAL,
  ].join(' ');
}

const whyOf = ({ operation, class: klass, resource, verb, why }: Act): string =>
  `${operation} is ${klass} (${verb} ${resource}): ${why}`;

const WHY: Readonly<Record<Nobody['why'], string>> = {
  above_rest: 'With your ask token you may only read what is safe.',
  no_rest: 'It only reads, but no owner has let this agent read here at rest.',
  outside_grant: 'Your grant does not cover it.',
};

const ASK = 'To ask: POST the body under "request" with your ask token, with your own reason in it';

const WAIT =
  '; or send this same call again with the header "Prefer: wait=300", and it is held until a person has decided.';

const ONCE = ' If they approve, it is run once, exactly as it is.';

const NOT_EXACT = `${ASK}. This call cannot be approved word for word (its body is too large, not text, or not seen here), so it asks for a grant of its kind.`;

const FINAL =
  'This is not a fault to work around: every token, address and spelling leads to this same answer, and each try is recorded. If you are not sure that this is right, stop and tell your person.';
