import { Code } from '#components/ui';
import type { TargetView } from '#lib/views';

interface FirstRequestProps {
  /** As configured, never from a header (T19). */
  readonly origin: string;
  readonly target: Pick<TargetView, 'name' | 'verbs' | 'exampleResources'> | null;
  /** Shown once after registering; otherwise the reader's own variable. */
  readonly token?: string;
}

/** The exact curl line that files a request. */
export function FirstRequest({ origin, target, token }: FirstRequestProps) {
  return (
    <>
      <p>
        Run this where the agent runs{token === undefined ? ', with its token in COUNTERSIGN_TOKEN' : ''}. The request
        appears here by itself.
      </p>
      <Code copy="the command">{curl(origin, target, token)}</Code>
    </>
  );
}

function curl(origin: string, target: FirstRequestProps['target'], token: string | undefined): string {
  const verbs = target?.verbs ?? [];
  const body = {
    target: target?.name ?? 'TARGET',
    resources: [target?.exampleResources[0] ?? 'table/public.bookings'],
    // PostgreSQL reads the rows that an UPDATE … WHERE names: without select it could change nothing.
    verbs: verbs.length === 0 || verbs.includes('update') ? ['select', 'update'] : verbs.slice(0, 1),
    ttlSeconds: 600,
    reason: 'Move booking 42 to Tuesday; the guest asked for it.',
  };
  return [
    `curl -sS ${origin}/api/v1/requests \\`,
    `  -H "Authorization: Bearer ${token ?? '$COUNTERSIGN_TOKEN'}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${JSON.stringify(body)}'`,
  ].join('\n');
}
