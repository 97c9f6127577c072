'use client';

import { Menu } from '@base-ui/react/menu';
import { Ellipsis } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useRef } from 'react';
import { cx } from '#components/ui';
import { Count, type Counts } from './count';
import { BAR_ITEMS, isCurrent, MENU_ITEMS } from './nav-items';

const CELL = 'relative flex h-13 flex-1 flex-col items-center justify-center gap-0.5 text-xs';
const look = (here: boolean): string => cx(CELL, here ? 'font-medium text-accent' : 'text-ink-soft');

/** Where one can go, on a phone. */
export function BottomBar({ counts }: { readonly counts: Counts }) {
  const path = usePathname();
  const bar = useRef<HTMLElement>(null);
  return (
    <nav
      ref={bar}
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-line border-t bg-raised pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {BAR_ITEMS.map((place) => (
        <Link
          key={place.href}
          href={place.href}
          prefetch={false}
          aria-current={isCurrent(place, path) ? 'page' : undefined}
          className={look(isCurrent(place, path))}
        >
          <place.icon aria-hidden size={19} />
          {place.label}
          <span className="absolute top-0.5 left-1/2 ml-2">
            <Count place={place} counts={counts} />
          </span>
        </Link>
      ))}
      <Menu.Root>
        <Menu.Trigger className={look(MENU_ITEMS.some((place) => isCurrent(place, path)))}>
          <Ellipsis aria-hidden size={19} />
          More
        </Menu.Trigger>
        <Menu.Portal container={bar}>
          <Menu.Positioner side="top" align="end" sideOffset={6} className="z-40">
            <Menu.Popup className="min-w-44 rounded-card border border-line-strong bg-raised p-1 text-ink shadow-xl">
              {MENU_ITEMS.map((place) => (
                <Menu.Item
                  key={place.href}
                  render={<Link href={place.href} prefetch={false} />}
                  className="flex min-h-11 items-center gap-2.5 rounded-control px-3 text-sm data-highlighted:bg-accent-wash"
                >
                  <place.icon aria-hidden size={17} />
                  {place.label}
                </Menu.Item>
              ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </nav>
  );
}
