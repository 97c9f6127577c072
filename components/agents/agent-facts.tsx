import { Card, Facts, Notice, Time, VisibleText } from '#components/ui';
import type { AgentView } from '#lib/views';

export function AgentFacts({ agent }: { readonly agent: AgentView }) {
  return (
    <Card className="space-y-4 p-4">
      {agent.endsSoon ? (
        <Notice tone="warn" title="Its secrets end soon, or have ended">
          <p>
            From <Time at={agent.expiresAt} /> on it can neither ask nor collect. Give it new secrets before.
          </p>
        </Notice>
      ) : null}
      <Facts
        facts={[
          { label: 'Owner', value: <VisibleText>{agent.owner.name}</VisibleText> },
          {
            label: 'Description',
            value: agent.description === '' ? '—' : <VisibleText multiline>{agent.description}</VisibleText>,
          },
          {
            label: 'Token',
            value: (
              <>
                ends in <code className="font-mono">{agent.tokenHint}</code>, issued{' '}
                <Time at={agent.tokenIssuedAt} detail="day" />, ends <Time at={agent.expiresAt} detail="day" />
              </>
            ),
          },
          {
            label: 'Key',
            value:
              agent.keyThumbprint === null ? (
                'none: it collects with a secret'
              ) : (
                <VisibleText className="font-mono text-xs">{agent.keyThumbprint}</VisibleText>
              ),
          },
          { label: 'Last seen', value: agent.lastSeenAt === null ? 'never' : <Time at={agent.lastSeenAt} /> },
        ]}
      />
    </Card>
  );
}
