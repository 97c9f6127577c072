'use client';

import { useSyncExternalStore } from 'react';
import { absolute } from './instant';

type Detail = 'day' | 'minute' | 'second';

const SHAPES: Readonly<Record<Detail, Intl.DateTimeFormatOptions>> = {
  day: { day: 'numeric', month: 'short', year: 'numeric' },
  minute: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
  second: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
};

const never = (): (() => void) => () => undefined;

/** An instant in the reader's own time zone once the browser has taken over, UTC until then; in full on hover. */
export function Time({ at, detail = 'minute' }: { readonly at: string; readonly detail?: Detail }) {
  const local = (): string => new Intl.DateTimeFormat('en-GB', SHAPES[detail]).format(new Date(at));
  const utc = (): string =>
    `${new Intl.DateTimeFormat('en-GB', { ...SHAPES[detail], timeZone: 'UTC' }).format(new Date(at))}${detail === 'day' ? '' : ' UTC'}`;
  const text = useSyncExternalStore(never, local, utc);
  return (
    <time dateTime={at} title={absolute(at)} className="tabular-nums">
      {text}
    </time>
  );
}
