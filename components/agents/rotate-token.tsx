'use client';

import { useState } from 'react';
import { Button, Dialog, Trouble, textOf, useSend } from '#components/ui';
import type { AgentView } from '#lib/views';
import { TokenOnce } from './token-once';

/** A new token; the old one is refused from that moment on. */
export function RotateToken({ agent }: { readonly agent: AgentView }) {
  const [open, setOpen] = useState(false);
  const [token, setToken] = useState<string | null>(null);
  const { running, trouble, send } = useSend();

  function change(next: boolean): void {
    setOpen(next);
    if (!next) setToken(null);
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>Rotate token</Button>
      <Dialog open={open} onOpenChange={change} title="Rotate the token">
        {token === null ? (
          <div className="space-y-4 text-sm">
            <p>
              The token that ends in <code className="font-mono">{agent.tokenHint}</code> stops working at once, and
              every grant that was approved under it ends.
            </p>
            <Button
              tone="primary"
              running={running}
              onClick={() =>
                send('POST', `/api/console/agents/${agent.id}/rotate`, {}, (body) => setToken(textOf(body, 'token')))
              }
            >
              {running ? 'Rotating…' : 'Rotate'}
            </Button>
            <Trouble>{trouble}</Trouble>
          </div>
        ) : (
          <TokenOnce token={token} />
        )}
      </Dialog>
    </>
  );
}
