import Link from 'next/link';
import { Environment, Resources, Verbs } from '#components/targets';
import { Badge, Countdown, Time, VisibleText } from '#components/ui';
import { formatDuration } from '#lib/text';
import type { RequestView } from '#lib/views';
import { dangerWord, exactWord, isOpen, isUnknown, STATES } from './words';

/** One request in a list: what, where, who, how long, and the time left to decide. */
export function RequestRow({ request }: { readonly request: RequestView }) {
  const open = request.state === 'pending';
  const danger = dangerWord(request);
  return (
    <li className="relative rounded-card border border-line bg-raised px-4 py-3 hover:border-line-strong has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2">
      <div className="flex flex-wrap items-center gap-2 text-xs">
        <Environment environment={request.target.environment} />
        <Badge tone={danger.tone}>{danger.word}</Badge>
        {isUnknown(request) ? <Badge tone="danger">UNKNOWN</Badge> : null}
        {open ? null : <Badge tone={STATES[request.state].tone}>{STATES[request.state].word}</Badge>}
        <span className="ml-auto text-ink-soft">
          {open ? (
            <Countdown until={request.decideBy} suffix=" left" past="time is up" />
          ) : (
            <Time at={request.decidedAt ?? request.createdAt} />
          )}
        </span>
      </div>
      <Link
        href={`/requests/${request.id}`}
        prefetch={false}
        data-row
        className="mt-2 block outline-none after:absolute after:inset-0"
      >
        <Verbs verbs={request.verbs} kind={request.target.kind} />
        <span className="sr-only"> on </span>
        <Resources resources={request.resources} className="text-sm" />
      </Link>
      <p className="mt-1 text-ink-soft text-sm wrap-anywhere">
        <VisibleText>{request.target.name}</VisibleText> · <VisibleText>{request.agent.name}</VisibleText> (
        <VisibleText>{request.agent.owner.name}</VisibleText>) · {formatDuration(request.ttlSeconds)}
        {request.operation === null ? '' : ` · ${exactWord(request)}`}
        {request.held && isOpen(request) ? ' · held call' : ''}
      </p>
      {open && request.may.whyNot !== null ? <p className="mt-1 text-sm text-warn">{request.may.whyNot}</p> : null}
    </li>
  );
}

export function RequestList({
  requests,
  label,
}: {
  readonly requests: readonly RequestView[];
  readonly label: string;
}) {
  return (
    <ul aria-label={label} className="space-y-2">
      {requests.map((request) => (
        <RequestRow key={request.id} request={request} />
      ))}
    </ul>
  );
}
