import { Countdown, Time, VisibleText } from '#components/ui';
import type { GrantView } from '#lib/views';
import { endWords } from './words';

/** Where a grant's clock stands. */
export function End({ grant }: { readonly grant: GrantView }) {
  const why = endWords(grant);
  const by =
    grant.endedBy === null ? null : (
      <>
        {' '}
        (<VisibleText>{grant.endedBy.name}</VisibleText>)
      </>
    );
  if (grant.state === 'ended') {
    return (
      <span>
        {why === '' ? 'Ended' : `Ended because ${why}`}
        {by}
        {grant.endedAt === null ? null : (
          <>
            , <Time at={grant.endedAt} detail="second" />
          </>
        )}
      </span>
    );
  }
  if (grant.state === 'ending')
    return (
      <span>
        Ending because {why === '' ? 'its end was asked for' : why}
        {by}; not proven yet
      </span>
    );
  if (grant.state === 'waiting')
    return (
      <span>
        Can be collected in <Countdown until={grant.readyAt} past="a moment" />
      </span>
    );
  if (grant.state === 'ready')
    return (
      <span>
        Must be collected within <Countdown until={grant.collectBy} past="no time: it ends" />
      </span>
    );
  if (grant.expiresAt === null) return <span>When it is given back or revoked</span>;
  return (
    <span className="font-medium">
      <Countdown until={grant.expiresAt} suffix=" left" past="time is up, ending…" />
    </span>
  );
}
