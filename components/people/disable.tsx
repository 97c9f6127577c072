'use client';

import { useState } from 'react';
import { TicketButton } from '#components/approvals';
import { Button, Dialog, VisibleText } from '#components/ui';
import type { HumanView } from '#lib/views';
import { Heir, type Heirs } from './heir';

/** Takes a key. Whoever owns agents leaves them to somebody, or they are turned off. */
export function Disable({ person, heirs }: { readonly person: HumanView; readonly heirs: Heirs }) {
  const [open, setOpen] = useState(false);
  const [heir, setHeir] = useState('');
  const params = { humanId: person.id, ...(heir === '' ? {} : { agentsTo: heir }) };
  return (
    <>
      <Button tone="danger" onClick={() => setOpen(true)}>
        Disable
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Disable this person"
        lead={
          <>
            <VisibleText>{person.name}</VisibleText> is signed out and decides nothing any more. What they alone
            approved ends. It takes your key.
          </>
        }
      >
        <div className="space-y-4">
          <Heir person={person} heirs={heirs} value={heir} onChange={setHeir} />
          <TicketButton tone="danger" ticket={{ kind: 'human.disable', params }}>
            Review and sign
          </TicketButton>
        </div>
      </Dialog>
    </>
  );
}
