'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { Notice } from '#components/ui';
import { listen } from './listen';
import { watchPresence } from './presence';

/** Draws the page anew when something changed since `mark`, and says so when it cannot know. */
export function LiveRefresh({ mark }: { readonly mark: string }) {
  const router = useRouter();
  // Of the first drawing: every later one happens with the stream open.
  const drawn = useRef(mark);
  const [connected, setConnected] = useState(true);
  useEffect(
    () =>
      listen(`/api/console/events?since=${drawn.current}`, {
        onChange: () => router.refresh(),
        onConnected: setConnected,
      }),
    [router],
  );
  useEffect(watchPresence, []);
  return (
    <div aria-live="polite">
      {connected ? null : (
        <Notice tone="warn" role="status" className="mb-4" title="Connection lost. What you see may be out of date.">
          <p>It is tried again every few seconds, and the page is brought up to date by itself.</p>
        </Notice>
      )}
    </div>
  );
}
