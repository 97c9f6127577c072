import Link from 'next/link';
import { Card, Facts, Notice, Time, VisibleText } from '#components/ui';
import type { GatewayView } from '#lib/views';
import { GatewayCopies } from './gateway-copies';
import { GatewayKeyState } from './gateway-key-state';
import { ReplaceGatewayKey } from './replace-gateway-key';

/** For owners: which key of the gateway counts, which copies run, and what a change of key leaves to do. */
export function GatewayCard({ gateway }: { readonly gateway: GatewayView }) {
  const { key, targets, typeAgain } = gateway;
  return (
    <Card id="gateway" title="Gateway" note="It holds the providers’ secrets and passes agents’ calls on.">
      <div className="space-y-4 p-4">
        <GatewayKeyState gateway={gateway} />
        {typeAgain.length === 0 ? null : <TypeAgain targets={typeAgain} />}
        <Facts
          facts={[
            ...(key === null
              ? []
              : [
                  {
                    label: 'Key in force',
                    value: <VisibleText className="font-mono text-xs">{key.thumbprint}</VisibleText>,
                  },
                  { label: 'Signed by', value: <SignedBy gatewayKey={key} /> },
                ]),
            { label: 'Behind it', value: <Behind targets={targets} /> },
            { label: 'Copies', value: <GatewayCopies copies={gateway.copies} /> },
          ]}
        />
        <ReplaceGatewayKey />
      </div>
    </Card>
  );
}

function SignedBy({ gatewayKey: { by, since, first } }: { readonly gatewayKey: NonNullable<GatewayView['key']> }) {
  return (
    <>
      <VisibleText>{by}</VisibleText>
      {first ? ', when this installation was set up, ' : ', '}
      <Time at={since} />
    </>
  );
}

function Behind({ targets }: { readonly targets: GatewayView['targets'] }) {
  if (targets.length === 0) return 'no provider yet, so it has nothing to do';
  return <VisibleText>{targets.map(({ name }) => name).join(', ')}</VisibleText>;
}

function TypeAgain({ targets }: { readonly targets: GatewayView['typeAgain'] }) {
  const one = targets.length === 1;
  return (
    <Notice
      tone="warn"
      title={one ? 'One secret is to be typed again' : `${targets.length} secrets are to be typed again`}
    >
      <p>
        <VisibleText>{targets.map(({ name }) => name).join(', ')}</VisibleText>: sealed to the earlier key. Nothing
        passes there until an owner types {one ? 'it' : 'them'} again under{' '}
        <Link className="link" href="/targets">
          Targets
        </Link>
        .
      </p>
    </Notice>
  );
}
