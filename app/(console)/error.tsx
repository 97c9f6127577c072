'use client';

import { CouldNotShow } from '#components/shell';

export default function ConsoleError(props: { readonly error: unknown; readonly retry: () => void }) {
  return <CouldNotShow {...props} />;
}
