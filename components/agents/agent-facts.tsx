import { Card, Facts, Time, VisibleText } from '#components/ui';
import type { AgentView } from '#lib/views';

export function AgentFacts({ agent }: { readonly agent: AgentView }) {
  return (
    <Card className="p-4">
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
                <Time at={agent.tokenIssuedAt} detail="day" />
              </>
            ),
          },
          {
            label: 'Key',
            value:
              agent.keyThumbprint === null ? (
                'none: the token alone collects'
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
