import { Code } from '#components/ui';
import type { TargetView } from '#lib/views';

interface FirstRequestProps {
  /** As configured, never from a header (T19). */
  readonly origin: string;
  readonly target: Pick<TargetView, 'name' | 'kind' | 'verbs' | 'exampleResources' | 'gatewayUrl'> | null;
}

/** The exact curl line that files a request. */
export function FirstRequest({ origin, target }: FirstRequestProps) {
  return (
    <>
      <p>Run this where the agent runs, with its ask token in COUNTERSIGN_TOKEN. The request appears here by itself.</p>
      <Code copy="the command">{curl(origin, target)}</Code>
      {target === null || target.gatewayUrl === null ? null : (
        <>
          <p>
            Or point its ordinary client here, with the same ask token: safe reads pass once you let it read at rest,
            and everything else is refused with words that tell it how to ask.
          </p>
          <Code copy="the address">{target.gatewayUrl}</Code>
        </>
      )}
    </>
  );
}

function curl(origin: string, target: FirstRequestProps['target']): string {
  const { reason, ...power } = asking(target);
  const body = { target: target?.name ?? 'TARGET', ...power, ttlSeconds: 600, reason };
  return [
    `curl -sS ${origin}/api/v1/requests \\`,
    `  -H "Authorization: Bearer $COUNTERSIGN_TOKEN" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${JSON.stringify(body)}'`,
  ].join('\n');
}

function asking(target: FirstRequestProps['target']) {
  const [resource = 'table/public.bookings'] = target?.exampleResources ?? [];
  const resources = [resource];
  // PostgreSQL reads the rows that an UPDATE … WHERE names: without select it could change nothing.
  if (target === null || target.kind === 'postgres')
    return { resources, verbs: ['select', 'update'], reason: 'Move booking 42 to Tuesday; the guest asked for it.' };
  return { resources, verbs: target.verbs.slice(0, 1), reason: 'Say why, in words a person can decide by.' };
}
