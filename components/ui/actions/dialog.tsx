'use client';

import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonLook } from './button';

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

/** A modal box: focus stays inside, Escape closes it, focus goes back to where it came from. */
export function Dialog({ open, onOpenChange, title, lead, children }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Base.Popup className="fixed inset-x-3 top-[max(1rem,8vh)] z-50 mx-auto max-h-[84vh] max-w-md overflow-y-auto rounded-card border border-line-strong bg-raised p-5 text-ink shadow-xl">
          <div className="flex items-start justify-between gap-4">
            <Base.Title className="font-semibold">{title}</Base.Title>
            <Base.Close aria-label="Close" className={buttonLook('quiet', '-mt-1 -mr-1', 'small')}>
              <X aria-hidden size={16} />
            </Base.Close>
          </div>
          {lead === undefined ? null : (
            <Base.Description className="mt-1 text-ink-soft text-sm">{lead}</Base.Description>
          )}
          <div className="mt-4">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
