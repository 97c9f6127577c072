'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cx } from '#components/ui';
import type { Viewer } from '#lib/views';
import { Brand } from './brand';
import { Count, type Counts } from './count';
import { isCurrent, NAV_ITEMS } from './nav-items';
import { SignOut } from './sign-out';

/** Where one can go, from tablets up. */
export function Sidebar({ viewer, counts }: { readonly viewer: Viewer; readonly counts: Counts }) {
  const path = usePathname();
  return (
    <aside className="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col border-line border-r bg-raised px-3 py-4 md:flex">
      <Link href="/" className="rounded-control px-2 py-1.5">
        <Brand />
      </Link>
      <nav aria-label="Main" className="mt-4 flex-1 overflow-y-auto">
        <ul className="space-y-0.5">
          {NAV_ITEMS.map((place) => (
            <li key={place.href}>
              <Link
                href={place.href}
                prefetch={false}
                aria-current={isCurrent(place, path) ? 'page' : undefined}
                className={cx(
                  'flex min-h-9 items-center gap-2.5 rounded-control px-2 text-sm',
                  isCurrent(place, path)
                    ? 'bg-accent-wash font-medium text-accent'
                    : 'text-ink-soft hover:bg-sunken hover:text-ink',
                )}
              >
                <place.icon aria-hidden size={17} />
                <span className="flex-1">{place.label}</span>
                <Count place={place} counts={counts} />
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="border-line border-t px-2 pt-3 text-sm">
        <p className="font-medium wrap-anywhere">{viewer.name}</p>
        <p className="text-ink-soft text-xs">{viewer.role}</p>
        <SignOut className="mt-2 -ml-3.5" />
      </div>
    </aside>
  );
}
