import type { ReactNode } from 'react';
import { Brand } from '#components/shell';

export default function EnterLayout({ children }: { readonly children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center px-4 pb-24">
      <Brand className="mb-6 text-lg" />
      {children}
    </main>
  );
}
