'use client';

import { useEffect, useState } from 'react';
import { Dialog } from '#components/ui';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['j', 'Next request'],
  ['k', 'Previous request'],
  ['Enter', 'Open it'],
  ['?', 'Show this'],
  ['Esc', 'Close'],
];

/** Whether a key press is meant for a text field, a dialog or the browser. */
function taken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const at = event.target instanceof HTMLElement ? event.target : null;
  return (
    at !== null && at.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]') !== null
  );
}

/** Moves focus through the rows marked `data-row`; Enter follows the focused link by itself. */
function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const here = rows.findIndex((row) => row.matches(':focus'));
  const next = here === -1 ? (by === 1 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
  rows[next]?.focus();
}

export function Shortcuts() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (taken(event)) return;
      if (event.key === '?') setOpen(true);
      if (event.key === 'j') step(1);
      if (event.key === 'k') step(-1);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Dialog open={open} onOpenChange={setOpen} title="Keyboard shortcuts">
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 text-sm">
        {KEYS.map(([keys, what]) => (
          <div key={keys} className="col-span-2 grid grid-cols-subgrid items-center">
            <dt>
              <kbd className="rounded border border-line-strong bg-sunken px-2 py-0.5 font-mono text-xs">{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
