import { mount } from '../dom';
import { check, field } from '../form';
import { el } from '../tree';
import type { Fields, Shared } from './fields';

/** What is known of a provider before anybody types. */
export interface Provider {
  readonly kind: 'graphql' | 'http';
  readonly profile: string;
  readonly url: string;
  readonly place: 'bearer' | 'header';
}

const PLACES = [
  ['bearer', 'Authorization: Bearer …'],
  ['header', 'A header of its own'],
  ['query', 'A parameter in the address'],
] as const;

/** Things with spaces in them, separated by commas or lines. */
const phrases = (text: string): string[] =>
  text
    .split(/[,\n]+/)
    .map((one) => one.trim().replace(/\s+/g, ' '))
    .filter((one) => one !== '');

/** The form for a provider behind the gateway. Its secret is typed here and never shown again. */
export function upstream({ kind, profile, url, place }: Provider, shared: Shared): Fields {
  const address = field({
    label: 'Address of its API',
    type: 'url',
    value: url,
    hint: kind === 'graphql' ? 'https://api.example/graphql' : 'https://api.example/ — everything below it.',
  });
  const secret = field({
    label: 'Secret',
    type: 'password',
    hint: 'The provider’s token. It is stored sealed to the gateway’s key: no agent and no person reads it back.',
  });
  const where = secretPlace(place);
  const opens = field({ label: 'May also be read without asking', hint: EXAMPLES[kind] });
  const advanced = rare();
  return {
    elements: [
      ...shared.first,
      address.element,
      secret.element,
      where.element,
      where.name.element,
      opens.element,
      ...shared.last,
      advanced.element,
    ],
    typed: () => ({
      kind,
      ...shared.typed(),
      profile,
      url: address.input.value,
      secret: secret.input.value,
      secretIn: where.typed(),
      opens: phrases(opens.input.value),
      ...advanced.typed(),
    }),
  };
}

const EXAMPLES = {
  graphql: 'Beside what is known to be safe: query metrics, query status. Empty: nothing more.',
  http: 'Beside what is known to be safe: GET /v1/projects, GET /v1/projects/{id}. Empty: nothing more.',
} as const;

function secretPlace(place: Provider['place']) {
  const select = document.createElement('select');
  for (const [value, text] of PLACES) select.add(new Option(text, value));
  select.value = place;
  const element = mount(el('label', 'Where the secret goes'));
  element.append(select);
  const name = field({ label: 'Name of the header or parameter', value: '' });
  const show = (): void => {
    name.element.hidden = select.value === 'bearer';
  };
  select.addEventListener('change', show);
  show();
  return {
    element,
    name,
    typed: () => (select.value === 'bearer' ? { place: 'bearer' } : { place: select.value, name: name.input.value }),
  };
}

/** What hardly anybody changes, with the values we would want. */
function rare() {
  const closes = field({
    label: 'Safe, but not without asking',
    hint: 'query me, GET /user. Empty: all safe reads pass.',
  });
  const body = field({ label: 'Longest body that is classified, KiB', value: '1024' });
  const outage = field({ label: 'Reads go on without the database, seconds', value: '60' });
  const own = check('It lives in our own network (its address may be private)', false);
  const unknown = check('Never approve what nobody can look up', false);
  const element = mount(el('details', el('summary', 'More')));
  element.append(closes.element, body.element, outage.element, own.element, unknown.element);
  return {
    element,
    typed: () => ({
      closes: phrases(closes.input.value),
      maxBodyBytes: Math.round(Number(body.input.value) * 1024) || 0,
      outageSeconds: Math.round(Number(outage.input.value)),
      privateNetwork: own.input.checked,
      refuseUnknown: unknown.input.checked,
    }),
  };
}
