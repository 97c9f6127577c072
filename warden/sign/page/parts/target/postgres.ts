import { check, field, words } from '../form';
import type { Fields, Shared } from './fields';

/** The form for a database. */
export function postgres(shared: Shared): Fields {
  const connection = field({
    label: 'Connection string',
    hint: 'postgresql://broker@db.example:5432/app — of a role made for Countersign, never your own.',
  });
  const password = field({ label: 'Password of that role', type: 'password' });
  connection.input.addEventListener('change', () => hidePassword(connection.input, password.input));
  const schemas = field({ label: 'Schemas', value: 'public' });
  const reads = field({
    label: 'Readable without asking',
    hint: 'table/public.bookings or schema/public, separated by spaces. Empty: nothing.',
  });
  const count = check('Previews may try statements of known functions, rolled back, to count rows', false);
  return {
    elements: [
      ...shared.first,
      connection.element,
      password.element,
      schemas.element,
      reads.element,
      count.element,
      ...shared.last,
    ],
    typed: () => ({
      kind: 'postgres',
      ...shared.typed(),
      connection: connection.input.value,
      password: password.input.value,
      schemas: words(schemas.input.value),
      restReads: words(reads.input.value),
      countRows: count.input.checked,
    }),
  };
}

/** A pasted password does not stay readable on the screen. */
function hidePassword(connection: HTMLInputElement, password: HTMLInputElement): void {
  if (!URL.canParse(connection.value)) return;
  const url = new URL(connection.value);
  if (url.password === '') return;
  password.value = decodeURIComponent(url.password);
  url.password = '';
  connection.value = url.href;
}
