import { Card, Facts, Notice, Time, VisibleText } from '#components/ui';
import type { AgentView } from '#lib/views';

export function AgentFacts({ agent }: { readonly agent: AgentView }) {
  return (
    <Card className="space-y-4 p-4">
      <SecretsNotice agent={agent} />
      <Facts
        facts={[
          { label: 'Owner', value: <VisibleText>{agent.owner.name}</VisibleText> },
          {
            label: 'Description',
            value: agent.description === '' ? '—' : <VisibleText multiline>{agent.description}</VisibleText>,
          },
          {
            label: 'Ask token',
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
                'none: it collects with a collect secret'
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

function SecretsNotice({ agent }: { readonly agent: AgentView }) {
  if (agent.secretsEnd === 'later') return null;
  const renews = agent.keyThumbprint === null ? '' : ' It can take a new token with its key until then.';
  return agent.secretsEnd === 'soon' ? (
    <Notice tone="warn" title="Its secrets end soon">
      <p>
        From <Time at={agent.expiresAt} /> on it can neither ask nor collect. Its owner gives it new secrets before.
        {renews}
      </p>
    </Notice>
  ) : (
    <Notice tone="warn" title="Its secrets have ended">
      <p>
        Since <Time at={agent.expiresAt} /> it can neither ask nor collect. Its owner gives it new secrets.
      </p>
    </Notice>
  );
}
