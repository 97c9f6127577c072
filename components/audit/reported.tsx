import { Time } from '#components/ui';
import type { EventView } from '#lib/views';

/** What is recorded this much after it was is said to be so. */
const LATE_MS = 60_000;

const REPORTS: Readonly<Record<string, string>> = {
  warden: '',
  web: 'as web reported',
  gateway: 'as the gateway reported',
  unknown: 'from before it was recorded who reports',
};

/** Who says so, where that is not the warden, and when the record got it, where that was later (T90). */
export function Reported({ event }: { readonly event: Pick<EventView, 'at' | 'recordedAt' | 'reportedBy'> }) {
  const { at, recordedAt, reportedBy } = event;
  const words =
    REPORTS[reportedBy] ?? `written by the database role ${reportedBy}, which is no process of Countersign’s`;
  const isLate = Date.parse(recordedAt) - Date.parse(at) > LATE_MS;
  return (
    <>
      {words === '' ? null : <span>, {words}</span>}
      {isLate ? (
        <span>
          , recorded <Time at={recordedAt} detail="second" />
        </span>
      ) : null}
    </>
  );
}
