import { type ReactNode, useId } from 'react';
import { cx } from './cx';

const inputLook =
  'block w-full min-h-9 rounded-control border border-line-strong bg-raised px-3 py-1.5 text-sm text-ink placeholder:text-ink-soft aria-invalid:border-danger';

interface Control {
  readonly id: string;
  readonly className: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** From the server, in words. */
  readonly error?: string | null;
  readonly className?: string;
  /** The input itself, given what ties it to its label, hint and error. */
  readonly children: (control: Control) => ReactNode;
}

export function Field({ label, hint, error = null, className, children }: FieldProps) {
  const id = useId();
  const about = [hint === undefined ? null : `${id}-hint`, error === null ? null : `${id}-error`]
    .filter((part) => part !== null)
    .join(' ');
  return (
    <div className={cx('space-y-1', className)}>
      <label htmlFor={id} className="block font-medium text-sm">
        {label}
      </label>
      {children({
        id,
        className: inputLook,
        ...(about === '' ? {} : { 'aria-describedby': about }),
        ...(error === null ? {} : { 'aria-invalid': true as const }),
      })}
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="text-ink-soft text-xs">
          {hint}
        </p>
      )}
      {error === null ? null : (
        <p id={`${id}-error`} className="text-danger text-xs">
          {error}
        </p>
      )}
    </div>
  );
}
