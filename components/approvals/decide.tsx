import { cx } from '#components/ui';
import type { RequestView } from '#lib/views';
import { Deny, DenyBlocked } from './deny';
import { TicketButton } from './ticket-button';

/**
 * The two answers. On a phone they stay at the bottom of the screen, whatever
 * the agent wrote above them (T2, T21).
 */
export function Decide({ request, wardenSilent }: { readonly request: RequestView; readonly wardenSilent: boolean }) {
  const { approve, deny } = request.may;
  const whyNot =
    approve && wardenSilent
      ? 'The warden is not running, so nothing can be signed. This goes on by itself when it is back.'
      : request.may.whyNot;
  if (request.state !== 'pending' || !(approve || deny || whyNot !== null)) return null;
  const No = request.preview?.blocked === undefined ? Deny : DenyBlocked;
  const buttons = Number(approve) + Number(deny);
  return (
    <div className="fixed inset-x-0 bottom-[calc(3.25rem+env(safe-area-inset-bottom))] z-20 border-line border-t bg-raised px-4 py-2.5 md:static md:rounded-b-card md:px-4 md:py-3">
      {whyNot === null ? null : <p className="mb-2 text-sm text-warn">{whyNot}</p>}
      {request.soleOwner ? (
        <p className="mb-2 text-ink-soft text-xs">
          This agent is yours. You may approve it because nobody else here can, and this target allows that.
        </p>
      ) : null}
      {buttons === 0 ? null : (
        <div className={cx('grid gap-2 md:flex', buttons === 2 && 'grid-cols-[1fr_auto]')}>
          {approve ? (
            <TicketButton
              tone="primary"
              disabled={wardenSilent}
              ticket={{ kind: 'request.approve', params: { requestId: request.id } }}
            >
              Review and sign
            </TicketButton>
          ) : null}
          {deny ? <No requestId={request.id} /> : null}
        </div>
      )}
    </div>
  );
}
