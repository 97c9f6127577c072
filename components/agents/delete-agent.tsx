'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, Dialog, Trouble, useSend, VisibleText } from '#components/ui';
import type { AgentView } from '#lib/views';

/** Gone for good: its token, its requests' future and its live grants. The log keeps its name. */
export function DeleteAgent({ agent }: { readonly agent: AgentView }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const { running, trouble, send } = useSend();
  return (
    <>
      <Button tone="danger" onClick={() => setOpen(true)}>
        Delete
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Delete this agent"
        lead={
          <>
            <VisibleText>{agent.name}</VisibleText> can never ask again, and what it still holds ends. This cannot be
            undone; disabling can.
          </>
        }
      >
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)} disabled={running}>
            Keep it
          </Button>
          <Button
            tone="danger"
            running={running}
            onClick={() => send('DELETE', `/api/console/agents/${agent.id}`, {}, () => router.push('/agents'))}
          >
            {running ? 'Deleting…' : 'Delete'}
          </Button>
        </div>
        <Trouble className="mt-2">{trouble}</Trouble>
      </Dialog>
    </>
  );
}
