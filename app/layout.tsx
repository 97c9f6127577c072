import './globals.css';
import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { readTheme, THEME_COOKIE } from '#components/settings';
import { favicon } from '#components/shell';

export const metadata: Metadata = {
  title: { template: '%s · Countersign', default: 'Countersign' },
  description: 'An agent asks, a person answers with a key.',
  icons: { icon: favicon(0) },
  robots: { index: false, follow: false },
  // Numbers in an agent's words must not turn into something to press.
  formatDetection: { telephone: false, email: false, address: false, date: false, url: false },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, viewportFit: 'cover' };

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const theme = readTheme((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html
      lang="en"
      data-theme={theme === 'system' ? undefined : theme}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
    >
      <body className="bg-ground font-sans text-ink antialiased">{children}</body>
    </html>
  );
}
