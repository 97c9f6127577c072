import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from '../cx';

type Tone = 'primary' | 'danger' | 'plain' | 'quiet';

const TONES: Readonly<Record<Tone, string>> = {
  primary: 'bg-accent text-accent-ink border-transparent hover:brightness-110',
  danger: 'bg-raised text-danger border-danger hover:bg-danger-wash',
  plain: 'bg-raised text-ink border-line-strong hover:bg-sunken',
  quiet: 'bg-transparent text-ink-soft border-transparent hover:bg-sunken hover:text-ink',
};

const SHAPE =
  'inline-flex items-center justify-center gap-2 rounded-control border font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55 aria-busy:cursor-progress';

const SIZES = { normal: 'min-h-9 px-3.5 py-1.5 text-sm', small: 'min-h-7 px-2 py-0.5 text-xs' } as const;

/** The same look for what is not a button of ours: a link, a dialog's trigger. */
export function buttonLook(tone: Tone = 'plain', className?: string, size: keyof typeof SIZES = 'normal'): string {
  return cx(SHAPE, SIZES[size], TONES[tone], className);
}

interface Look {
  readonly tone?: Tone | undefined;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

interface ButtonProps extends Look, Omit<ComponentProps<'button'>, keyof Look> {
  /** While it runs the button cannot be pressed again, and says so. */
  readonly running?: boolean | undefined;
}

export function Button({ tone, className, running = false, disabled, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled === true || running}
      aria-busy={running || undefined}
      className={buttonLook(tone, className)}
    />
  );
}

interface ButtonLinkProps extends Look {
  readonly href: string;
}

export function ButtonLink({ tone, className, href, children }: ButtonLinkProps) {
  return (
    <Link href={href} prefetch={false} className={buttonLook(tone, className)}>
      {children}
    </Link>
  );
}
