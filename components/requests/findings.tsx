import type { ReactNode } from 'react';
import { Environment } from '#components/targets';
import { Card, Code, cx, Notice, VisibleText } from '#components/ui';
import type { RequestView } from '#lib/views';
import { lookedUpBy } from './words';

type Preview = NonNullable<RequestView['preview']>;

/** What it would do, looked up at the target by the process that is named, and not told by the agent. */
export function Findings({ request }: { readonly request: RequestView }) {
  const { preview } = request;
  return (
    <Card title="What it would do" note={lookedUpBy(request)}>
      {preview === null ? (
        <p className="px-4 py-3 text-ink-soft text-sm">
          {request.state === 'preparing'
            ? 'This page shows it by itself.'
            : 'Nothing is known of what it would have done.'}
        </p>
      ) : (
        <Found preview={preview} target={request.target} />
      )}
    </Card>
  );
}

function Found({ preview, target }: { readonly preview: Preview; readonly target: RequestView['target'] }) {
  return (
    <div className="space-y-3 p-4">
      {preview.blocked === undefined ? null : (
        <Notice tone="danger" title="Nobody can approve this">
          <VisibleText>{preview.blocked}</VisibleText> The agent is not told: it sees a request that waits.
        </Notice>
      )}
      <LookedUp preview={preview} target={target.name} />
      {preview.warnings.map((warning) => (
        <Notice key={warning} tone="warn" title={<VisibleText>{warning}</VisibleText>} />
      ))}
      {preview.effects.length === 0 ? null : (
        <ul className="list-disc space-y-1 pl-5 text-sm">
          {preview.effects.map((effect) => (
            <li key={effect}>
              <VisibleText>{effect}</VisibleText>
            </li>
          ))}
        </ul>
      )}
      {preview.touched.length === 0 || target.kind !== 'postgres' ? null : <Touched touched={preview.touched} />}
      {preview.maxRows === null ? null : (
        <p className="text-sm">
          It does not run if it would touch more than <strong>{preview.maxRows.toLocaleString('en')}</strong>{' '}
          {preview.maxRows === 1 ? 'row' : 'rows'}.
        </p>
      )}
      {preview.plan === null ? null : (
        <details>
          <summary className="cursor-pointer py-1 text-sm">The planner's own words</summary>
          <Code className="mt-1">{preview.plan}</Code>
        </details>
      )}
    </div>
  );
}

/** What the ids stand for, as the target told it; what nobody could find out is not passed over. */
function LookedUp({ preview, target }: { readonly preview: Preview; readonly target: string }) {
  const { found = [], environment } = preview;
  if (found.length === 0 && (environment ?? null) === null) return null;
  const says = (
    <>
      <VisibleText>{target}</VisibleText> says it is
    </>
  );
  return (
    <dl className="divide-y divide-line border-line border-y text-sm">
      {environment === undefined ? null : (
        <Line label={environment === null ? 'Environment' : says} lost={environment === null}>
          {environment === null ? UNKNOWN : <Environment environment={environment} />}
        </Line>
      )}
      {lostFirst(found).map(({ label, values, weight }) => (
        <Line key={label} label={<VisibleText>{label}</VisibleText>} lost={weight === 'danger' || values === null}>
          {values === null ? UNKNOWN : values.map((value) => <Value key={value}>{value}</Value>)}
        </Line>
      ))}
    </dl>
  );
}

const UNKNOWN = 'UNKNOWN: nobody could look this up';

/** The thing's name, then what would be lost, then the rest: as on the page where it is signed. */
function lostFirst(found: NonNullable<Preview['found']>): NonNullable<Preview['found']> {
  const after = (danger: boolean) => found.slice(1).filter(({ weight }) => (weight === 'danger') === danger);
  return [...found.slice(0, 1), ...after(true), ...after(false)];
}

function Line(props: { readonly label: ReactNode; readonly lost?: boolean; readonly children: ReactNode }) {
  return (
    <div className="grid gap-x-4 py-1.5 sm:grid-cols-[14rem_1fr]">
      <dt className="text-ink-soft">{props.label}</dt>
      <dd className={cx('min-w-0', props.lost === true && 'font-semibold text-danger')}>{props.children}</dd>
    </div>
  );
}

const Value = ({ children }: { readonly children: string }) => (
  <p className="wrap-anywhere">
    <VisibleText>{children}</VisibleText>
  </p>
);

function Touched({ touched }: { readonly touched: Preview['touched'] }) {
  return (
    <table className="w-full text-left text-sm">
      <caption className="sr-only">Tables it would touch</caption>
      <thead className="text-ink-soft text-xs">
        <tr>
          <th scope="col" className="py-1 pr-3 font-medium">
            Table
          </th>
          <th scope="col" className="py-1 pr-3 font-medium">
            How
          </th>
          <th scope="col" className="py-1 text-right font-medium">
            Rows
          </th>
        </tr>
      </thead>
      <tbody>
        {touched.map((row) => (
          <tr key={`${row.resource} ${row.how}`} className="border-line border-t align-top">
            <td className="min-w-40 py-1.5 pr-3">
              <VisibleText className="font-mono">{row.resource}</VisibleText>
            </td>
            <td className="min-w-20 py-1.5 pr-3">
              <VisibleText>{row.how}</VisibleText>
            </td>
            <td className="min-w-18 py-1.5 text-right tabular-nums">{rows(row)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A count and a guess never look alike. */
function rows({ countedRows, estimatedRows }: Preview['touched'][number]): string {
  if (countedRows !== null) return `${countedRows.toLocaleString('en')} counted`;
  if (estimatedRows !== null) return `about ${estimatedRows.toLocaleString('en')}`;
  return 'not known';
}
