import { Code } from '#components/ui';
import type { EventView } from '#lib/views';

/** The event's canonical JSON: the very bytes the log keeps. */
export function EventBody({ event }: { readonly event: EventView }) {
  return (
    <details className="mt-0.5">
      <summary className="w-fit cursor-pointer py-1 text-ink-soft text-xs hover:text-ink">
        <span className="font-mono">{event.kind}</span>
        <span className="sr-only">: show the record</span>
      </summary>
      <Code copy="the record" className="mt-1">
        {event.body}
      </Code>
    </details>
  );
}
