import type { ReactNode } from 'react';
import { cx } from './cx';

const TONES = {
  neutral: 'border-line bg-sunken',
  accent: 'border-transparent bg-accent-wash',
  warn: 'border-transparent bg-warn-wash',
  danger: 'border-transparent bg-danger-wash',
  alarm: 'border-danger border-2 bg-danger-wash',
} as const;

interface NoticeProps {
  readonly tone?: keyof typeof TONES;
  /** `alert` interrupts a screen reader; `status` waits its turn. */
  readonly role?: 'alert' | 'status' | 'note';
  readonly title?: ReactNode;
  readonly className?: string;
  readonly children?: ReactNode;
}

export function Notice({ tone = 'neutral', role = 'note', title, className, children }: NoticeProps) {
  return (
    <div role={role} className={cx('rounded-card border px-4 py-3 text-sm', TONES[tone], className)}>
      {title === undefined ? null : (
        <p
          className={cx(
            'font-semibold',
            (tone === 'danger' || tone === 'alarm') && 'text-danger',
            tone === 'alarm' && 'text-base',
            tone === 'warn' && 'text-warn',
          )}
        >
          {title}
        </p>
      )}
      {children}
    </div>
  );
}

/** Why an action failed, beside the button that was pressed. Nothing when there is nothing to say. */
export function Trouble({ children, className }: { readonly children: string | null; readonly className?: string }) {
  return (
    <p role="alert" className={cx('text-danger text-sm wrap-anywhere', children === null && 'hidden', className)}>
      {children}
    </p>
  );
}
