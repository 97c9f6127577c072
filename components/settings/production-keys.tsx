import { TicketButton } from '#components/approvals';
import { Card, Facts, Time, VisibleText } from '#components/ui';
import type { ProductionKeysView } from '#lib/views';

/** Which keys sign for production, who decided it, and by whose word a key counts as proven. */
export function ProductionKeysCard({
  production,
  mayDecide,
}: {
  readonly production: ProductionKeysView;
  readonly mayDecide: boolean;
}) {
  const { acceptsClaimed, makers } = production;
  return (
    <Card
      id="production-keys"
      title="Keys for production"
      note="A maker’s certificate proves that a key is hardware. Without one, a key only says so."
      action={
        mayDecide ? (
          <TicketButton ticket={{ kind: 'keys.accept', params: { acceptsClaimed: !acceptsClaimed } }}>
            {acceptsClaimed ? 'Take proven keys only' : 'Accept unproven keys'}
          </TicketButton>
        ) : undefined
      }
    >
      <div className="p-4">
        <Facts
          facts={[
            {
              label: 'Production takes',
              value: acceptsClaimed ? (
                <span className="text-warn">proven keys, and keys that nobody proved</span>
              ) : (
                'keys proven by their maker'
              ),
            },
            { label: 'Decided by', value: <Decided production={production} /> },
            { label: 'Recovery code', value: <Recovery recovery={production.recovery} mayStop={mayDecide} /> },
            ...(makers === null
              ? []
              : [
                  {
                    label: 'Makers known',
                    value:
                      makers.roots === 0
                        ? 'those built in'
                        : `those built in, and ${makers.roots === 1 ? 'one certificate' : `${makers.roots} certificates`} of your own`,
                  },
                  { label: 'FIDO’s metadata', value: metadataWords(makers.metadata) },
                ]),
          ]}
        />
      </div>
    </Card>
  );
}

function Decided({ production: { by, since, asked } }: { readonly production: ProductionKeysView }) {
  return (
    <>
      {asked ? <VisibleText>{by}</VisibleText> : 'nobody: it was set up before this was asked'}
      {', '}
      <Time at={since} />
    </>
  );
}

type Shown = NonNullable<ProductionKeysView['makers']>['metadata'];

function metadataWords(metadata: Shown): string {
  if (metadata === null) return 'none: a model that was reported compromised is not noticed';
  const { number, nextUpdate, overdueDays } = metadata;
  const edition = `edition ${number}, the next was due on ${nextUpdate}`;
  if (overdueDays === 0) return `edition ${number}, the next is due on ${nextUpdate}`;
  return `${edition}, ${overdueDays} ${overdueDays === 1 ? 'day' : 'days'} ago: put the newer one there`;
}

/** A code that lets its owner in again, two days after it is used. Stopping what waits takes no key; taking the code away does. */
function Recovery({
  recovery,
  mayStop,
}: {
  readonly recovery: ProductionKeysView['recovery'];
  readonly mayStop: boolean;
}) {
  if (recovery === null) return 'none that works';
  const { keyId, of, waits } = recovery;
  return (
    <span className="flex flex-wrap items-center gap-3">
      <span className={waits ? 'text-danger' : undefined}>
        of <VisibleText>{of}</VisibleText>
        {waits ? ': somebody used it, and a new key waits' : ', not in use'}
      </span>
      {waits && mayStop ? (
        <TicketButton tone="danger" ticket={{ kind: 'recovery.stop', params: {} }}>
          Stop that key
        </TicketButton>
      ) : null}
      {mayStop ? (
        <TicketButton ticket={{ kind: 'key.disable', params: { keyId } }}>Take the code out of use</TicketButton>
      ) : null}
    </span>
  );
}
