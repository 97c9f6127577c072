import { TicketButton } from '#components/approvals';
import { Facts, Notice, VisibleText } from '#components/ui';
import type { GatewayView } from '#lib/views';

/** Says where the key that lies there is another than the one in force, and what to do. Nothing where both are the same. */
export function GatewayKeyState({ gateway: { key, file } }: { readonly gateway: GatewayView }) {
  if (key === null || file === key.thumbprint) return null;
  if (file === undefined) return <NotSaid />;
  return file === null ? <Missing /> : <Differs inForce={key.thumbprint} file={file} />;
}

function NotSaid() {
  return (
    <Notice tone="warn" title="The warden does not say which key is in gateway.pem.">
      <p>It is not running, or has just started. Nothing can be signed meanwhile.</p>
    </Notice>
  );
}

function Missing() {
  return (
    <Notice tone="danger" title="gateway.pem is missing on the warden’s host.">
      <p>{STOPPED} Put the file back into PUBLIC_DIR from the gateway’s host. Nothing has to be signed for that.</p>
    </Notice>
  );
}

const STOPPED = 'Nothing the gateway says is believed, and requests for providers say UNKNOWN. Databases go on.';

function Differs({ inForce, file }: { readonly inForce: string; readonly file: string }) {
  return (
    <Notice tone="danger" title="The gateway’s key is not the one in force." className="space-y-3">
      <p>{STOPPED}</p>
      <Facts
        facts={[
          { label: 'In gateway.pem', value: <VisibleText className="font-mono text-xs">{file}</VisibleText> },
          { label: 'In force', value: <VisibleText className="font-mono text-xs">{inForce}</VisibleText> },
        ]}
      />
      <p>
        <strong>You replaced it?</strong> Compare the key in gateway.pem with “gatewayKey” in gateway.log on the
        gateway’s host, then sign. Afterwards every provider’s secret is typed again.
      </p>
      <p>
        <strong>Nobody did?</strong> Sign nothing: somebody changed gateway.pem on the warden’s host. Put the old file
        back and find out who.
      </p>
      <TicketButton
        tone="primary"
        className="md:max-w-72"
        ticket={{ kind: 'gateway.replace', params: { thumbprint: file } }}
      >
        Replace the gateway’s key
      </TicketButton>
    </Notice>
  );
}
