import type { StatusView } from '#lib/views';
import type { NavItem } from './nav-items';

export type Counts = StatusView['counts'];

/** How many wait, or live past their end, beside the place where they are. */
export function Count({ place, counts }: { readonly place: NavItem; readonly counts: Counts }) {
  if (place.href === '/' && counts.pending > 0) {
    return <Bubble className="bg-accent text-accent-ink" number={counts.pending} words="waiting" />;
  }
  if (place.href === '/grants' && counts.stillLive > 0) {
    return <Bubble className="bg-danger text-danger-ink" number={counts.stillLive} words="still live" />;
  }
  if (place.href === '/grants' && counts.live > 0) {
    return <Bubble className="border border-line-strong text-ink-soft" number={counts.live} words="live" />;
  }
  return null;
}

function Bubble({
  number,
  words,
  className,
}: {
  readonly number: number;
  readonly words: string;
  readonly className: string;
}) {
  return (
    <span
      className={`min-w-5 rounded-full px-1.5 text-center font-semibold text-xs tabular-nums leading-5 ${className}`}
    >
      {number}
      <span className="sr-only"> {words}</span>
    </span>
  );
}
