import { type ReactNode, useId } from 'react';
import { cx } from './cx';

interface CardProps {
  /** Names the region for those who cannot see it, too. */
  readonly title?: ReactNode;
  readonly note?: ReactNode;
  readonly action?: ReactNode;
  readonly id?: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A raised box; with a title it is a section with a heading. */
export function Card({ title, note, action, id, className, children }: CardProps) {
  const heading = useId();
  const box = cx('rounded-card border border-line bg-raised', className);
  if (title === undefined)
    return (
      <div id={id} className={box}>
        {children}
      </div>
    );
  return (
    <section id={id} aria-labelledby={heading} className={box}>
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-b px-4 py-3">
        <div className="min-w-0">
          <h2 id={heading} className="font-semibold text-sm">
            {title}
          </h2>
          {note === undefined ? null : <p className="text-ink-soft text-sm">{note}</p>}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}
