import { type Classification, isPersistedQuery } from '#gateway/classify';
import { DomainError } from '#lib/core';
import { FileRequest, REASON_TO_REPLACE } from '#lib/filing';
import { type ProblemParts, problemBody } from '#lib/http/wire';
import { type Act, scopeOf } from '#lib/profiles';
import { checkAsk, type Operation, type UpstreamConfig } from '#lib/targets';
import type { Decision } from './decide';

/** How long a grant for one exact operation lives: time to collect it, not to linger. */
export const EXACT_SECONDS = 300;

/** What the filing service reads at most (lib/http/body), less the longest reason there can be, escaped. */
const MOST_FILED_BYTES = 64 * 1024 - 12_288;

/** The longest a call is held open, seconds. */
export const MAX_WAIT_SECONDS = 900;

type Nobody = Extract<Decision, { by: 'nobody' }>;

/** A call that nobody has allowed, and all an agent needs to ask for it. */
export interface Refused {
  readonly config: UpstreamConfig;
  readonly classification: Classification;
  readonly decision: Nobody;
  /** The operation with its body, ready to be asked for; null where it is too large or not text. */
  readonly operation: Operation | null;
  /** Whether the same call can be sent again to be held; not through a proxy that only asks. */
  readonly mayWait: boolean;
  readonly webOrigin: string;
}

/** The body of `POST /api/v1/requests` that asks for exactly this. */
export function requestFor({ config, classification, operation }: Refused, reason: string) {
  return {
    target: config.name,
    ...scopeOf(classification.acts),
    ttlSeconds: Math.min(EXACT_SECONDS, config.maxTtlSeconds),
    reason,
    ...(operation === null ? {} : { operation }),
  };
}

/**
 * What of a call can be asked for: the operation itself, else a grant of its
 * kind, else nothing. Whatever is offered is filed as it stands.
 */
export function askable(refused: Refused): 'exact' | 'scope' | 'nothing' {
  if (refused.operation !== null && canBeFiled(refused)) return 'exact';
  return canBeFiled({ ...refused, operation: null }) ? 'scope' : 'nothing';
}

function canBeFiled(refused: Refused): boolean {
  const body = requestFor(refused, 'x');
  const parsed = FileRequest.safeParse(body);
  if (!parsed.success || Buffer.byteLength(JSON.stringify(body)) > MOST_FILED_BYTES) return false;
  try {
    checkAsk(refused.config, { ...parsed.data, maxUses: null, operation: parsed.data.operation ?? null });
    return true;
  } catch {
    return false;
  }
}

/** Status 403 and what to do about it: in words, and ready to be sent (RFC 9457; for GraphQL also `errors`). */
export function elevationRequired(called: Refused, requestId: string): { status: number; body: string } {
  const ask = askable(called);
  const refused = ask === 'exact' ? called : { ...called, operation: null };
  const { config, classification, decision, webOrigin } = refused;
  const detail = wordsFor(refused, ask);
  const { status, body } = problemBody(new DomainError('elevation_required', detail), requestId);
  const problem = {
    ...(JSON.parse(body) as object),
    judged: { operation: classification.name, class: classification.class, missing: decision.acts },
    ...(ask === 'nothing' ? {} : { request: readyMade(refused, webOrigin) }),
    ...(ask === 'exact' && refused.mayWait ? { wait: { header: 'Prefer', value: `wait=${EXACT_SECONDS}` } } : {}),
  };
  return {
    status,
    body: JSON.stringify(config.kind === 'graphql' ? { ...problem, errors: errorsOf(detail, problem) } : problem),
  };
}

const readyMade = (refused: Refused, webOrigin: string) => ({
  method: 'POST',
  url: `${webOrigin}/api/v1/requests`,
  body: requestFor(refused, REASON_TO_REPLACE),
});

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
function wordsFor({ config, classification, decision, mayWait }: Refused, ask: ReturnType<typeof askable>): string {
  const ways = { exact: `${ASK}${mayWait ? WAIT : '.'}${ONCE}`, scope: NOT_EXACT, nothing: TOO_MUCH };
  return [
    `Not run, and nothing was sent: ${classification.name} on ${config.name} needs a person's yes.`,
    ...decision.acts.slice(0, 5).map(whyOf),
    WHY[decision.why],
    ways[ask],
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

const ASK =
  'To ask: POST the body under "request" with your ask token, and put your own reason in place of the sentence under "reason"';

const WAIT =
  '; or send this same call again with the header "Prefer: wait=300", and it is held until a person has decided.';

const ONCE = ' If they approve, it is run once, exactly as it is.';

const NOT_EXACT = `${ASK}. This call cannot be approved word for word (it is too large, not plain text, or not seen here), so it asks for a grant of its kind.`;

const TOO_MUCH =
  'It cannot be asked for either: it is too large to approve word for word, and what it does is too much, or too grave, for one grant. Do less in one call, or tell your person what you need.';

const FINAL =
  'This is a decision and not a fault: only a person’s yes lets it through, another spelling or another way to the same thing is the same call, and each try is recorded. If you are not sure that this is right, stop and tell your person.';
