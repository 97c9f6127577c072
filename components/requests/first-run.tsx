import { TicketButton } from '#components/approvals';
import { ButtonLink, Card, cx } from '#components/ui';
import type { StatusView, TargetView, Viewer } from '#lib/views';
import { FirstRequest } from './first-request';

interface FirstRunProps {
  readonly viewer: Viewer;
  readonly has: StatusView['has'];
  readonly targets: readonly TargetView[];
  /** The console's own address. */
  readonly origin: string;
}

/** The first ten minutes: the one next thing, and where one stands. */
export function FirstRun({ viewer, has, targets, origin }: FirstRunProps) {
  const owner = viewer.role === 'owner';
  const steps = [
    { title: 'Add a target', done: has.target, body: <AddTarget owner={owner} /> },
    { title: 'Register an agent', done: has.agent, body: <AddAgent mayAdd={viewer.role !== 'reviewer'} /> },
    { title: 'File a request', done: has.request, body: <FirstRequest origin={origin} target={targets[0] ?? null} /> },
  ];
  const next = steps.findIndex((step) => !step.done);
  return (
    <Card title="Set up in three steps" note="Afterwards this page lists what waits for you.">
      <ol className="divide-y divide-line">
        {steps.map((step, index) => (
          <li key={step.title} aria-current={index === next ? 'step' : undefined} className="flex gap-3 p-4">
            <span
              aria-hidden
              className={cx(
                'mt-px flex size-6 shrink-0 items-center justify-center rounded-full font-semibold text-xs',
                step.done
                  ? 'bg-ok-wash text-ok'
                  : index === next
                    ? 'bg-accent text-accent-ink'
                    : 'border border-line-strong text-ink-soft',
              )}
            >
              {step.done ? '✓' : index + 1}
            </span>
            <div className="min-w-0 flex-1">
              <h3 className={cx('text-sm', index === next ? 'font-semibold' : 'text-ink-soft')}>
                {step.title}
                {step.done ? <span className="sr-only"> (done)</span> : null}
              </h3>
              {index === next ? <div className="mt-2 space-y-3 text-sm">{step.body}</div> : null}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function AddTarget({ owner }: { readonly owner: boolean }) {
  if (!owner) return <p>An owner adds the first target. Until then there is nothing an agent could ask for.</p>;
  return (
    <>
      <p>
        A target is a database or service agents will ask for. Its secret is typed on the warden's own page and never
        reaches this console. No database at hand? The same page offers a sample one.
      </p>
      <TicketButton tone="primary" className="max-w-56" ticket={{ kind: 'target.add', params: {} }}>
        Add a target
      </TicketButton>
    </>
  );
}

function AddAgent({ mayAdd }: { readonly mayAdd: boolean }) {
  if (!mayAdd) return <p>An owner or an approver registers the first agent.</p>;
  return (
    <>
      <p>An agent gets a token that asks, and a secret that collects what a person approved. Neither approves, ever.</p>
      <ButtonLink tone="primary" href="/agents/new">
        Register an agent
      </ButtonLink>
    </>
  );
}
