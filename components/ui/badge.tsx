import type { ReactNode } from 'react';
import { cx } from './cx';

export type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'danger' | 'alarm';

const TONES: Readonly<Record<Tone, string>> = {
  neutral: 'border-line-strong text-ink-soft',
  accent: 'border-transparent bg-accent-wash text-accent',
  ok: 'border-transparent bg-ok-wash text-ok',
  warn: 'border-transparent bg-warn-wash text-warn',
  danger: 'border-transparent bg-danger-wash text-danger',
  alarm: 'border-transparent bg-danger text-danger-ink font-semibold',
};

/** A state in a word. The colour repeats the word and never replaces it. */
export function Badge({
  tone = 'neutral',
  className,
  children,
}: {
  readonly tone?: Tone;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1 rounded-full border px-2 py-0.5 text-xs font-medium wrap-anywhere',
        TONES[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
