'use client';

import { CouldNotShow } from '#components/shell';

export default function RootError(props: { readonly error: unknown; readonly retry: () => void }) {
  return (
    <main>
      <CouldNotShow {...props} />
    </main>
  );
}
