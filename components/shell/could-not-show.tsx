'use client';

import { useEffect } from 'react';
import { Button } from '#components/ui';
import { TroublePage } from './trouble-page';

const RETRY_MS = 5_000;

/** For error.tsx, and going on by itself when the trouble is over: the cause stays in the server's log, the number finds it there. */
export function CouldNotShow({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  useEffect(() => {
    const timer = setInterval(retry, RETRY_MS);
    return () => clearInterval(timer);
  }, [retry]);
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : null;
  return (
    <TroublePage
      title="This page could not be read"
      action={
        <Button tone="primary" onClick={() => retry()}>
          Try again
        </Button>
      }
    >
      <p>
        Most often the database does not answer. Nothing is approved or given while that is so; what runs out still runs
        out. It is tried again every few seconds.
      </p>
      {digest === null ? null : (
        <p className="mt-2">
          In the server's log under <code className="font-mono">{digest}</code>.
        </p>
      )}
    </TroublePage>
  );
}
