import Link from 'next/link';
import { cx, Time, VisibleText } from '#components/ui';
import type { EventView } from '#lib/views';
import { EventBody } from './event-body';
import { Reported } from './reported';
import { weight } from './words';

/** The log, newest first. */
export function EventList({ events }: { readonly events: readonly EventView[] }) {
  return (
    <ol aria-label="Events" className="divide-y divide-line rounded-card border border-line bg-raised">
      {events.map((event) => (
        <li key={event.id} className="grid gap-x-4 px-4 py-2 sm:grid-cols-[16rem_minmax(0,1fr)]">
          <p className="text-ink-soft text-xs leading-6">
            <Time at={event.at} detail="second" />
            <Reported event={event} />
          </p>
          <div className="min-w-0">
            <p className="flex items-baseline gap-2 text-sm">
              <span aria-hidden className={cx('size-2 shrink-0 rounded-full', weight(event.kind))} />
              <span className="min-w-0 flex-1">
                <VisibleText>{event.sentence}</VisibleText>
              </span>
              {event.requestId === null ? null : (
                <Link className="link shrink-0 text-xs" href={`/requests/${event.requestId}`} prefetch={false}>
                  Story<span className="sr-only"> of this request</span>
                </Link>
              )}
            </p>
            <EventBody event={event} />
          </div>
        </li>
      ))}
    </ol>
  );
}
