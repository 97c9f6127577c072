import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { BottomBar, favicon, LiveRefresh, Shortcuts, Sidebar, StatusBanner } from '#components/shell';
import { ClockProvider } from '#components/ui';
import { lastEvent } from '#lib/console';
import { pageViewer, requireViewer } from '../session';
import { status } from './status';

/** The tab says how many wait. Nobody signed in, nothing said. */
export async function generateMetadata(): Promise<Metadata> {
  if ((await pageViewer()) === null) return {};
  const { pending } = (await status()).counts;
  const mark = pending > 0 ? `(${pending}) ` : '';
  return {
    title: { template: `${mark}%s · Countersign`, default: `${mark}Countersign` },
    icons: { icon: favicon(pending) },
  };
}

export default async function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  const viewer = await requireViewer();
  // Before anything is read: what changes while the page is drawn is drawn again.
  const mark = await lastEvent();
  const now = await status();
  return (
    <ClockProvider now={new Date().toISOString()}>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:bg-raised focus:px-3 focus:py-2"
      >
        To the content
      </a>
      <div className="flex min-h-dvh">
        <Sidebar viewer={viewer} counts={now.counts} />
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 px-4 pt-4 pb-36 outline-none md:px-8 md:py-7">
          <div className="mx-auto max-w-4xl">
            <LiveRefresh mark={mark} />
            <StatusBanner status={now} isOwner={viewer.role === 'owner'} />
            {children}
          </div>
        </main>
      </div>
      <BottomBar counts={now.counts} />
      <Shortcuts />
    </ClockProvider>
  );
}
