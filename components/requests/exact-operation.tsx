import { Card, Code, Facts, VisibleText } from '#components/ui';
import type { RequestView } from '#lib/views';

type Operation = NonNullable<RequestView['operation']>;

/** The operation that would run, whole: every line, every parameter (T4, T21). */
export function ExactOperation({ operation }: { readonly operation: Operation }) {
  const { title, noun, code, values, body } = partsOf(operation);
  const lines = code.split('\n').length;
  return (
    <Card title={title} note={`Exactly this, once: ${count(code.length, 'character')} in ${count(lines, 'line')}.`}>
      <div className="space-y-3 p-4">
        <Code copy={noun}>{code}</Code>
        {values.length === 0 ? null : (
          <Facts
            facts={values.map(([name, value]) => ({
              label: `$${name}`,
              value: <VisibleText className="font-mono">{JSON.stringify(value)}</VisibleText>,
            }))}
          />
        )}
        {body === null ? null : <Code copy="the body">{body}</Code>}
      </div>
    </Card>
  );
}

interface Parts {
  readonly title: string;
  readonly noun: string;
  readonly code: string;
  readonly values: ReadonlyArray<readonly [name: string, value: unknown]>;
  readonly body: string | null;
}

function partsOf(operation: Operation): Parts {
  if ('sql' in operation) {
    const values = operation.parameters.map((value, index) => [String(index + 1), value] as const);
    return { title: 'The statement that runs', noun: 'the statement', code: operation.sql, values, body: null };
  }
  if ('query' in operation) {
    const values = Object.entries(operation.variables);
    return { title: 'The operation that runs', noun: 'the operation', code: operation.query, values, body: null };
  }
  const { method, path, body = null } = operation;
  return { title: 'The call that is made', noun: 'the call', code: `${method} ${path}`, values: [], body };
}

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
