import { Card, Code, Facts, Shown } from '#components/ui';
import type { RequestView } from '#lib/views';

type Operation = NonNullable<RequestView['operation']>;

/** The statement that would run, whole: every line, every parameter (T4, T21). */
export function ExactOperation({ operation }: { readonly operation: Operation }) {
  const lines = operation.sql.split('\n').length;
  return (
    <Card
      title="The statement that runs"
      note={`Exactly this, once: ${count(operation.sql.length, 'character')} in ${count(lines, 'line')}.`}
    >
      <div className="space-y-3 p-4">
        <Code copy="the statement">{operation.sql}</Code>
        {operation.parameters.length === 0 ? null : (
          <Facts
            facts={operation.parameters.map((value, index) => ({
              label: `$${index + 1}`,
              value: <Shown className="font-mono">{JSON.stringify(value)}</Shown>,
            }))}
          />
        )}
      </div>
    </Card>
  );
}

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
