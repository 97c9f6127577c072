'use client';

import { LogOut } from 'lucide-react';
import { Button, Trouble, useSend } from '#components/ui';

/** Ends the session on the server, then leaves the page so that nothing of it stays. */
export function SignOut({ className }: { readonly className?: string }) {
  const { running, trouble, send } = useSend();
  return (
    <div className={className}>
      <Button
        tone="quiet"
        running={running}
        onClick={() => send('POST', '/api/console/sign-out', {}, () => location.assign('/sign-in'))}
      >
        <LogOut aria-hidden size={15} />
        {running ? 'Signing out…' : 'Sign out'}
      </Button>
      <Trouble>{trouble}</Trouble>
    </div>
  );
}
