import Link from 'next/link';
import { Environment, Resources, Verbs } from '#components/targets';
import { Badge, Time, VisibleText } from '#components/ui';
import type { GrantView } from '#lib/views';
import { endWords, grantState } from './words';

/** Grants that are over, one line each. */
export function PastGrants({ grants }: { readonly grants: readonly GrantView[] }) {
  return (
    <ul aria-label="Ended grants" className="divide-y divide-line rounded-card border border-line bg-raised">
      {grants.map((grant) => (
        <li key={grant.id} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
          <Badge tone={grantState(grant).tone}>{grantState(grant).word}</Badge>
          <Environment environment={grant.target.environment} />
          <Verbs verbs={grant.verbs} kind={grant.target.kind} />
          <Resources resources={grant.resources} />
          <span className="text-ink-soft wrap-anywhere">
            <VisibleText>{grant.agent.name}</VisibleText> · <VisibleText>{grant.target.name}</VisibleText> ·{' '}
            {endWords(grant)}
          </span>
          <span className="ml-auto flex gap-3 text-ink-soft">
            {grant.endedAt === null ? null : <Time at={grant.endedAt} />}
            {grant.requestId === null ? null : (
              <Link className="link" href={`/requests/${grant.requestId}`} prefetch={false}>
                Story
              </Link>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
