import { cx, Time, VisibleText } from '#components/ui';
import type { EventView } from '#lib/views';
import { EventBody } from './event-body';
import { Reported } from './reported';
import { weight } from './words';

/** A story from ask to proven end, oldest first. Each step opens to its canonical JSON. */
export function Timeline({ events }: { readonly events: readonly EventView[] }) {
  return (
    <ol className="ml-2 border-line border-l">
      {events.map((event) => (
        <li key={event.id} className="relative pb-4 pl-5 last:pb-0">
          <span
            aria-hidden
            className={cx(
              '-left-[5px] absolute top-1.5 size-[9px] rounded-full ring-4 ring-raised',
              weight(event.kind),
            )}
          />
          <p className="text-sm">
            <VisibleText>{event.sentence}</VisibleText>
          </p>
          <p className="text-ink-soft text-xs">
            <Time at={event.at} detail="second" />
            <Reported event={event} />
          </p>
          <EventBody event={event} />
        </li>
      ))}
    </ol>
  );
}
