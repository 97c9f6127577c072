'use client';

import { useState } from 'react';
import { TicketButton } from '#components/approvals';
import { Environment, Resources } from '#components/targets';
import { Card, Field, VisibleText } from '#components/ui';
import { formatDuration, visible } from '#lib/text';
import type { AgentView, TargetView } from '#lib/views';

interface RestAccessProps {
  readonly agent: AgentView;
  /** Targets that can be read at rest. */
  readonly targets: readonly TargetView[];
  readonly mayChange: boolean;
}

const TTLS = [300, 900, 3_600] as const;

/** What the agent may read without asking. Allowing it takes a key. */
export function RestAccess({ agent, targets, mayChange }: RestAccessProps) {
  const left = targets.filter(
    (target) =>
      target.state === 'active' && target.restReads.length > 0 && !agent.rests.some(({ id }) => id === target.id),
  );
  return (
    <Card title="Reads at rest" note="What it may read without asking a person. It cannot write with it.">
      <div className="space-y-4 p-4 text-sm">
        {agent.rests.length === 0 ? (
          <p className="text-ink-soft">Nothing: every look needs a request.</p>
        ) : (
          <ul className="space-y-2">
            {agent.rests.map((rest) => (
              <li key={rest.id} className="flex flex-wrap items-center gap-x-3 gap-y-2">
                <Environment environment={rest.environment} />
                <VisibleText className="font-medium">{rest.name}</VisibleText>
                <span className="text-ink-soft">
                  {isBehind(targets, rest.id)
                    ? 'through the gateway'
                    : `at most ${formatDuration(rest.ttlSeconds)} at a time`}
                </span>
                {mayChange ? (
                  <TicketButton
                    className="ml-auto"
                    ticket={{ kind: 'rest.stop', params: { agentId: agent.id, targetId: rest.id } }}
                  >
                    Stop with your key
                  </TicketButton>
                ) : null}
              </li>
            ))}
          </ul>
        )}
        {mayChange && agent.state === 'active' && left.length > 0 ? <Allow agentId={agent.id} targets={left} /> : null}
      </div>
    </Card>
  );
}

/** There is no credential that could live for a time: the agent reads with its own token. */
const isBehind = (targets: readonly TargetView[], id: string): boolean =>
  targets.some((target) => target.id === id && target.gatewayUrl !== null);

function Allow({ agentId, targets }: { readonly agentId: string; readonly targets: readonly TargetView[] }) {
  const [chosen, setChosen] = useState(targets[0]?.id ?? '');
  const [ttlSeconds, setTtlSeconds] = useState<number>(TTLS[1]);
  const target = targets.find(({ id }) => id === chosen) ?? targets[0];
  if (target === undefined) return null;
  return (
    <div className="grid items-end gap-3 border-line border-t pt-4 sm:grid-cols-[1fr_1fr_auto]">
      <Field label="Target">
        {(control) => (
          <select {...control} value={target.id} onChange={(event) => setChosen(event.target.value)}>
            {targets.map(({ id, name, environment }) => (
              <option key={id} value={id}>
                {visible(name)} ({visible(environment)})
              </option>
            ))}
          </select>
        )}
      </Field>
      {target.gatewayUrl === null ? (
        <Field label="At most, at a time">
          {(control) => (
            <select {...control} value={ttlSeconds} onChange={(event) => setTtlSeconds(Number(event.target.value))}>
              {TTLS.map((ttl) => (
                <option key={ttl} value={ttl}>
                  {formatDuration(ttl)}
                </option>
              ))}
            </select>
          )}
        </Field>
      ) : (
        <p className="text-ink-soft">Through the gateway, until an owner stops it.</p>
      )}
      <TicketButton ticket={{ kind: 'rest.allow', params: { agentId, targetId: target.id, ttlSeconds } }}>
        Allow with your key
      </TicketButton>
      <p className="text-ink-soft text-xs sm:col-span-3">
        It will read:{' '}
        {target.gatewayUrl === null ? (
          <Resources resources={target.restReads} />
        ) : (
          <VisibleText>{target.restReads.join(', ')}</VisibleText>
        )}
      </p>
    </div>
  );
}
