import { Card, Facts, Shown, Time } from '#components/ui';
import type { AgentView } from '#lib/views';

export function AgentFacts({ agent }: { readonly agent: AgentView }) {
  return (
    <Card className="p-4">
      <Facts
        facts={[
          { label: 'Owner', value: <Shown>{agent.owner.name}</Shown> },
          {
            label: 'Description',
            value: agent.description === '' ? '—' : <Shown multiline>{agent.description}</Shown>,
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
                <Shown className="font-mono text-xs">{agent.keyThumbprint}</Shown>
              ),
          },
          { label: 'Last seen', value: agent.lastSeenAt === null ? 'never' : <Time at={agent.lastSeenAt} /> },
        ]}
      />
    </Card>
  );
}
