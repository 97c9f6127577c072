'use client';

import { formatDuration } from '#lib/text';
import { useNow } from './clock';
import { absolute } from './instant';

interface CountdownProps {
  /** RFC 3339. */
  readonly until: string;
  /** Said instead once the instant has passed. */
  readonly past: string;
  /** Said after the duration: "12 minutes left". */
  readonly suffix?: string;
}

/** How long until an instant, in words; the instant itself on hover. */
export function Countdown({ until, past, suffix = '' }: CountdownProps) {
  const seconds = Math.ceil((Date.parse(until) - useNow()) / 1_000);
  return (
    <time dateTime={until} title={absolute(until)} className="tabular-nums">
      {seconds <= 0 ? past : `${coarse(seconds)}${suffix}`}
    </time>
  );
}

/** Seconds matter in the last ten minutes only: before that they only move, and break the line on a phone. */
function coarse(seconds: number): string {
  return formatDuration(seconds < 600 ? seconds : Math.floor(seconds / 60) * 60);
}
