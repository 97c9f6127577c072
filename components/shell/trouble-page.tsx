import type { ReactNode } from 'react';

/** A page that could not be shown: what is the matter, and what to do. */
export function TroublePage({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly action: ReactNode;
}) {
  return (
    <div className="mx-auto max-w-md px-4 py-20">
      <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
      <div className="mt-2 text-ink-soft text-sm">{children}</div>
      <div className="mt-5 flex flex-wrap gap-2">{action}</div>
    </div>
  );
}
