import Link from 'next/link';
import { Badge, Time, VisibleText } from '#components/ui';
import type { AgentView } from '#lib/views';

export function AgentList({ agents }: { readonly agents: readonly AgentView[] }) {
  return (
    <ul aria-label="Agents" className="divide-y divide-line rounded-card border border-line bg-raised">
      {agents.map((agent) => (
        <li
          key={agent.id}
          className="relative flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-3 hover:bg-sunken"
        >
          <Link
            href={`/agents/${agent.id}`}
            prefetch={false}
            data-row
            className="font-medium after:absolute after:inset-0"
          >
            <VisibleText>{agent.name}</VisibleText>
          </Link>
          <AgentState state={agent.state} />
          {agent.secretsEnd === 'later' ? null : (
            <Badge tone="warn">
              its secrets {agent.secretsEnd === 'soon' ? 'end' : 'ended'} <Time at={agent.expiresAt} detail="day" />
            </Badge>
          )}
          <span className="text-ink-soft text-sm">
            owned by <VisibleText>{agent.owner.name}</VisibleText>
          </span>
          <span className="ml-auto text-ink-soft text-sm">
            {agent.lastSeenAt === null ? (
              'never seen'
            ) : (
              <>
                seen <Time at={agent.lastSeenAt} />
              </>
            )}
          </span>
          {agent.description === '' ? null : (
            <p className="w-full text-ink-soft text-sm">
              <VisibleText>{agent.description}</VisibleText>
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Nothing while it is active: a word only where something is off. */
export function AgentState({ state }: { readonly state: AgentView['state'] }) {
  if (state === 'active') return null;
  return <Badge tone={state === 'disabled' ? 'warn' : 'neutral'}>{state}</Badge>;
}
