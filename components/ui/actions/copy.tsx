'use client';

import { Check, Copy as CopyIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { buttonLook } from './button';

interface CopyProps {
  readonly text: string;
  /** "the token": read out as "Copy the token". */
  readonly what: string;
  readonly className?: string;
}

export function Copy({ text, what, className }: CopyProps) {
  const [said, setSaid] = useState<'Copied' | 'Select and copy it by hand' | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), 2_500);
    return () => clearTimeout(timer);
  }, [said]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      // No permission, or no secure context: the text is on the page anyway.
      setSaid('Select and copy it by hand');
    }
  }

  return (
    <button
      type="button"
      onClick={copy}
      aria-label={`Copy ${what}`}
      className={buttonLook('plain', className, 'small')}
    >
      {said === 'Copied' ? <Check aria-hidden size={14} /> : <CopyIcon aria-hidden size={14} />}
      <span aria-live="polite">{said ?? 'Copy'}</span>
    </button>
  );
}
