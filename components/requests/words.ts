import { formatDuration } from '#lib/text';
import type { RequestState, RequestView } from '#lib/views';

type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'danger';

/** What a request's state is called, and what it means for the reader. */
export const STATES: Readonly<
  Record<RequestState, { readonly word: string; readonly tone: Tone; readonly means: string }>
> = {
  preparing: { word: 'preparing', tone: 'neutral', means: 'It is being looked up what this would do.' },
  pending: { word: 'waiting for a decision', tone: 'accent', means: 'Nobody has decided yet.' },
  approved: { word: 'approved', tone: 'ok', means: 'A key signed it.' },
  denied: { word: 'denied', tone: 'danger', means: 'It was refused.' },
  cancelled: { word: 'cancelled', tone: 'neutral', means: 'The agent took it back.' },
  lapsed: { word: 'lapsed', tone: 'neutral', means: 'Nobody decided in time, so the answer is no.' },
};

const DANGERS = ['Reads', 'Changes data', 'Destroys data'] as const;

/** The same words as where it is signed: what makes power is not what destroys, and outlives the approval (T31). */
const ESCALATES = 'Makes credentials or members, or turns a protection off';

/** `danger` is 0 reads, 1 writes, 2 destroys or escalates, and 3 more in production. Unknown is the worst (P7). */
export function dangerWord({ danger, preview }: Pick<RequestView, 'danger' | 'preview'>): {
  readonly word: string;
  readonly tone: Tone;
} {
  if (preview?.touched.some(({ how }) => how.endsWith('(escalating)'))) return { word: ESCALATES, tone: 'danger' };
  const level = danger >= 0 && danger <= 5 ? danger % 3 : 2;
  return { word: DANGERS[level] ?? DANGERS[2], tone: level === 2 ? 'danger' : level === 1 ? 'warn' : 'neutral' };
}

export function howLong(request: Pick<RequestView, 'ttlSeconds' | 'operation'>): string {
  const duration = formatDuration(request.ttlSeconds);
  return request.operation === null ? `${duration}, from collecting the credential` : `${duration}, to run it in`;
}

/** What an exact operation is called, by what it is. */
export const exactWord = ({ operation }: Pick<RequestView, 'operation'>): string =>
  operation !== null && 'sql' in operation ? 'one exact statement' : 'one exact operation';

/** Behind the gateway: a provider, which only the gateway speaks to. */
const isProvider = ({ target }: Pick<RequestView, 'target'>): boolean =>
  target.kind === 'graphql' || target.kind === 'http';

/** Which process says what it would do. Nothing a taken gateway says of a provider is the warden's word. */
export function lookedUpBy(request: Pick<RequestView, 'target' | 'preview' | 'state'>): string {
  const { preview, state, target } = request;
  if (!isProvider(request))
    return `Looked up by the warden${target.kind === 'token' ? '' : ' at the database'}, not told by the agent.`;
  if (preview?.by === 'gateway') return 'Looked up by the gateway at the provider, not told by the agent.';
  return preview === null && state === 'preparing'
    ? 'The gateway looks it up at the provider. After a minute it says UNKNOWN.'
    : preview === null
      ? 'The gateway did not look it up before this was decided.'
      : 'The gateway did not look within a minute: nobody knows what this would do.';
}

/** Something about it could not be found out, which counts as the worst it may be (P7). */
export const isUnknown = ({ preview }: Pick<RequestView, 'preview'>): boolean =>
  preview !== null && (preview.environment === null || (preview.found ?? []).some(({ values }) => values === null));

export function howOften(request: Pick<RequestView, 'maxUses' | 'operation' | 'target' | 'held'>): string {
  if (request.operation !== null && request.held)
    return 'Once, run by the gateway while the agent’s call waits, or when the agent sends it again';
  if (request.operation !== null)
    return `Once, run by the ${isProvider(request) ? 'gateway' : 'warden'}; the agent gets no credential`;
  if (request.maxUses === null) return 'As often as it likes until it ends';
  return request.maxUses === 1 ? 'Once' : `At most ${request.maxUses} times`;
}

/** Nobody has decided yet. */
export const isOpen = ({ state }: Pick<RequestView, 'state'>): boolean => state === 'preparing' || state === 'pending';
