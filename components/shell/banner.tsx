import Link from 'next/link';
import { Frozen } from '#components/freeze';
import { Notice, Time, VisibleText } from '#components/ui';
import type { StatusView } from '#lib/views';

/** What everybody must know on every page, worst first. Nothing when all is well. */
export function StatusBanner({ status, isOwner }: { readonly status: StatusView; readonly isOwner: boolean }) {
  const { stillLive } = status.counts;
  const { hardwareKey, productionKey } = status.has;
  if (
    status.freeze === null &&
    stillLive === 0 &&
    status.warden === 'running' &&
    status.gateway !== 'silent' &&
    status.alarms.length === 0 &&
    productionKey
  )
    return null;
  return (
    <div className="mb-4 space-y-2">
      {status.freeze === null ? null : <Frozen freeze={status.freeze} mayThaw={isOwner} />}
      {stillLive > 0 ? <StillLive count={stillLive} /> : null}
      {status.warden === 'silent' ? <Silent /> : null}
      {status.gateway === 'silent' ? <NoGateway /> : null}
      {status.alarms.map((alarm) => (
        <Notice key={alarm.code} tone="danger" role="alert" title={<VisibleText>{alarm.text}</VisibleText>}>
          <p className="text-ink-soft">
            Since <Time at={alarm.since} />.{alarm.code === 'gateway_key_differs' && isOwner ? <BothKeys /> : null}
          </p>
        </Notice>
      ))}
      {productionKey ? null : hardwareKey ? <OnlyClaimed /> : <OnlySynced />}
    </div>
  );
}

function StillLive({ count }: { readonly count: number }) {
  return (
    <Notice
      tone="alarm"
      role="alert"
      title={
        count === 1 ? 'A credential is STILL LIVE past its end' : `${count} credentials are STILL LIVE past their end`
      }
    >
      <p>
        Countersign keeps trying to end {count === 1 ? 'it' : 'them'}.{' '}
        <Link href="/grants" className="link">
          See which and why
        </Link>
      </p>
    </Notice>
  );
}

function Silent() {
  return (
    <Notice tone="danger" role="alert" title="The warden is not running: nothing can be approved or collected.">
      <p>Requests are kept.</p>
    </Notice>
  );
}

function NoGateway() {
  return (
    <Notice tone="danger" role="alert" title="No gateway is running: calls to providers are refused.">
      <p>Databases go on. What was asked of providers is kept, and says UNKNOWN after a minute.</p>
    </Notice>
  );
}

function BothKeys() {
  return (
    <>
      {' '}
      <Link href="/settings#gateway" className="link">
        See both keys
      </Link>
    </>
  );
}

/** Short on a phone: the request's facts need the first screen. */
function OnlySynced() {
  return (
    <Notice tone="warn" className="py-2">
      <p>
        This installation has only a synced passkey. It is fine for trying; production targets refuse it.{' '}
        <Link href="/settings#keys" className="link">
          Enrol a hardware key.
        </Link>
      </p>
    </Notice>
  );
}

function OnlyClaimed() {
  return (
    <Notice tone="warn" className="py-2">
      <p>
        Nobody proved that a key here is hardware, so none may sign for production.{' '}
        <Link href="/settings#keys" className="link">
          Add one that is proven, or accept such keys.
        </Link>
      </p>
    </Notice>
  );
}
