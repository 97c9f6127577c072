'use client';

import { useRouter } from 'next/navigation';
import { Button, Trouble, textOf, useSend } from '#components/ui';

/** Files the same once more; it is looked at anew and takes a key as before. */
export function AskAgain({ requestId }: { readonly requestId: string }) {
  const router = useRouter();
  const { running, trouble, send } = useSend();
  const open = (body: unknown): void => {
    const id = textOf(body, 'id');
    if (id !== null) router.push(`/requests/${id}`);
  };
  return (
    <div>
      <Button
        running={running}
        onClick={() => send('POST', `/api/console/requests/${requestId}/again`, undefined, open)}
      >
        {running ? 'Asking…' : 'Ask for the same again'}
      </Button>
      <Trouble className="mt-1">{trouble}</Trouble>
    </div>
  );
}
