import { Button, ButtonLink, Field } from '#components/ui';
import { visible } from '#lib/text';
import type { Named } from '#lib/views';
import { type FilterQuery, isFiltered } from './filter';
import { NOUNS, STATES } from './words';

interface FilterFormProps {
  readonly path: string;
  readonly query: FilterQuery;
  readonly choices: {
    readonly agents: readonly Named[];
    readonly people: readonly Named[];
    readonly targets: readonly Named[];
  };
}

/** A plain GET form: the filter stands in the URL and works without scripts. */
export function FilterForm({ path, query, choices }: FilterFormProps) {
  return (
    <form
      action={path}
      method="get"
      className="mb-4 grid grid-cols-2 items-end gap-3 rounded-card border border-line bg-raised p-4 lg:grid-cols-4"
    >
      <Choice label="Agent" name="agent" value={query.agent} all="Every agent" choices={choices.agents} />
      <Choice label="Person" name="human" value={query.human} all="Everybody" choices={choices.people} />
      <Choice label="Target" name="target" value={query.target} all="Every target" choices={choices.targets} />
      <Field label="What happened">
        {(control) => (
          <select {...control} name="kind" defaultValue={query.kind}>
            <option value="">Everything</option>
            {[...NOUNS, ...STATES].map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="From (UTC)">
        {(control) => <input {...control} type="date" name="from" defaultValue={query.from} />}
      </Field>
      <Field label="To (UTC)">
        {(control) => <input {...control} type="date" name="to" defaultValue={query.to} />}
      </Field>
      <div className="col-span-2 flex gap-2">
        <Button type="submit" tone="primary">
          Filter
        </Button>
        {isFiltered(query) ? (
          <ButtonLink href={path} tone="quiet">
            Clear
          </ButtonLink>
        ) : null}
      </div>
    </form>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly all: string;
  readonly choices: readonly Named[];
}

function Choice({ label, name, value, all, choices }: ChoiceProps) {
  return (
    <Field label={label}>
      {(control) => (
        <select {...control} name={name} defaultValue={value}>
          <option value="">{all}</option>
          {choices.map((choice) => (
            <option key={choice.id} value={choice.id}>
              {visible(choice.name)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
