import { Field } from '#components/ui';
import { visible } from '#lib/text';
import type { HumanView } from '#lib/views';

/** Who could answer for somebody's agents after them. */
export type Heirs = readonly Pick<HumanView, 'id' | 'name'>[];

interface HeirProps {
  readonly person: HumanView;
  readonly heirs: Heirs;
  /** Empty: the agents are turned off. */
  readonly value: string;
  readonly onChange: (id: string) => void;
}

/** What becomes of the agents of who goes. Nothing is asked of who has none. */
export function Heir({ person, heirs, value, onChange }: HeirProps) {
  const left = heirs.filter(({ id }) => id !== person.id);
  if (person.agents === 0) return null;
  return (
    <Field
      label={person.agents === 1 ? 'Their agent' : `Their ${person.agents} agents`}
      hint="What an agent asked is denied and what it holds ends in either case. Its new owner gives it new secrets."
    >
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{person.agents === 1 ? 'is disabled' : 'are disabled'}</option>
          {left.map(({ id, name }) => (
            <option key={id} value={id}>
              {person.agents === 1 ? 'goes' : 'go'} to {visible(name)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
