'use client';

import type { ReactNode } from 'react';
import { Trouble } from '../notice';
import { Button } from './button';
import type { Method } from './send';
import { useSend } from './use-send';

interface ActionButtonProps {
  readonly method: Method;
  readonly path: string;
  readonly body?: object;
  readonly tone?: 'primary' | 'danger' | 'plain' | 'quiet';
  readonly children: ReactNode;
  /** Said while it runs. */
  readonly doing: string;
  readonly label?: string;
}

/** One press, one call, and the page drawn anew; a refusal stands below the button. */
export function ActionButton({ method, path, body, tone = 'plain', children, doing, label }: ActionButtonProps) {
  const { running, trouble, send } = useSend();
  return (
    <div>
      <Button
        tone={tone}
        running={running}
        aria-label={running ? undefined : label}
        onClick={() => send(method, path, body)}
      >
        {running ? doing : children}
      </Button>
      <Trouble className="mt-1">{trouble}</Trouble>
    </div>
  );
}
