import type { ReactNode } from 'react';

interface PageHeaderProps {
  readonly title: ReactNode;
  readonly lead?: ReactNode;
  readonly action?: ReactNode;
}

export function PageHeader({ title, lead, action }: PageHeaderProps) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="font-semibold text-xl tracking-tight wrap-anywhere">{title}</h1>
        {lead === undefined ? null : <p className="mt-0.5 max-w-prose text-ink-soft text-sm">{lead}</p>}
      </div>
      {action}
    </header>
  );
}
