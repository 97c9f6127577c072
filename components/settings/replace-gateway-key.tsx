import { Code } from '#components/ui';

/** How the key is replaced, for the day it is needed: folded, since that day is rare. */
export function ReplaceGatewayKey() {
  return (
    <details className="text-sm">
      <summary className="cursor-pointer py-2 font-medium">When and how to replace its key</summary>
      <div className="mt-1 space-y-3">
        <p>
          When the gateway’s host, its folder or a copy of it was taken, or when its key is lost. Whoever has the key
          can read the providers’ secrets: make new ones at the providers first.
        </p>
        <ol className="list-decimal space-y-2 pl-5">
          <li>
            Stop everything and move the key away, in .countersign/gateway, or as root in /var/lib/countersign/gateway.
            Start again: npm start makes another key and publishes it.
            <Code className="mt-1" copy="the command">
              mv gateway.pem gateway.pem.old
            </Code>
          </li>
          <li>
            Processes on hosts of their own: make the key as docs/operations.md says, give it to every copy of the
            gateway and its public half, gateway.pem, to PUBLIC_DIR of the warden. Restart the gateways.
          </li>
          <li>This card then shows both keys. Compare the new one with gateway.log, and sign.</li>
          <li>Type each provider’s secret again under Targets. Agents, grants and approvals stay.</li>
        </ol>
        <p>
          Meanwhile calls to providers are refused, and requests for them say UNKNOWN after a minute. Databases and
          services by token go on.
        </p>
      </div>
    </details>
  );
}
