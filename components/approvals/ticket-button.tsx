'use client';

import type { ReactNode } from 'react';
import { useState } from 'react';
import { Button, Trouble, textOf, useSend } from '#components/ui';

/** What the warden's page will be asked to show. It only shows: the key decides there. */
export type Ticket =
  | { readonly kind: 'request.approve'; readonly params: { readonly requestId: string } }
  | { readonly kind: 'human.admit'; readonly params: { readonly humanId: string } }
  | { readonly kind: 'human.disable'; readonly params: { readonly humanId: string; readonly agentsTo?: string } }
  | {
      readonly kind: 'human.role';
      readonly params: { readonly humanId: string; readonly role: string; readonly agentsTo?: string };
    }
  | { readonly kind: 'key.enroll'; readonly params: { readonly humanId?: string } }
  | { readonly kind: 'target.add' | 'recovery.stop'; readonly params: Readonly<Record<string, never>> }
  | { readonly kind: 'key.disable'; readonly params: { readonly keyId: string } }
  | { readonly kind: 'keys.accept'; readonly params: { readonly acceptsClaimed: boolean } }
  | { readonly kind: 'target.disable' | 'target.renew'; readonly params: { readonly targetId: string } }
  | { readonly kind: 'freeze.thaw'; readonly params: { readonly freezeId: string } }
  | { readonly kind: 'gateway.replace'; readonly params: { readonly thumbprint: string } }
  | { readonly kind: 'agent.enable'; readonly params: { readonly agentId: string } }
  | {
      readonly kind: 'rest.allow';
      readonly params: { readonly agentId: string; readonly targetId: string; readonly ttlSeconds: number };
    }
  | { readonly kind: 'rest.stop'; readonly params: { readonly agentId: string; readonly targetId: string } };

/** What a button says meanwhile. */
export const OPENING = 'Opening the signing page…';

/** Asks for a ticket and goes where it leads: a form's last step. */
export function useTicket() {
  const { running, trouble, fieldError, send } = useSend();
  const [leaving, setLeaving] = useState(false);

  function leave(body: unknown): void {
    const url = textOf(body, 'url');
    if (url === null) return;
    setLeaving(true);
    location.assign(url);
  }

  const open = (ticket: { readonly kind: string; readonly params: object }): void =>
    send('POST', '/api/console/tickets', ticket, leave);
  return { running: running || leaving, trouble, fieldError, open };
}

interface TicketButtonProps {
  readonly ticket: Ticket;
  readonly tone?: 'primary' | 'danger' | 'plain' | 'quiet';
  readonly disabled?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** Leads to the warden's own page, where the bytes are shown and the key is touched. */
export function TicketButton({ ticket, tone = 'plain', disabled = false, className, children }: TicketButtonProps) {
  const { running, trouble, open } = useTicket();
  return (
    <div className={className}>
      <Button tone={tone} className="w-full" disabled={disabled} running={running} onClick={() => open(ticket)}>
        {running ? OPENING : children}
      </Button>
      <Trouble className="mt-1">{trouble}</Trouble>
    </div>
  );
}
