import type { Adding } from '../../../signing/offers';
import { button, mount, show } from '../dom';
import { el } from '../tree';
import { type Fields, type Shared, sharedFields, type Typed } from './fields';
import { inspect } from './inspection';
import { postgres } from './postgres';
import { token } from './token';
import { type Provider, upstream } from './upstream';

const RAILWAY: Provider = {
  kind: 'graphql',
  profile: 'railway',
  url: 'https://backboard.railway.com/graphql/v2',
  place: 'bearer',
};
const GITHUB: Provider = { kind: 'http', profile: 'github-rest', url: 'https://api.github.com/', place: 'bearer' };
const GRAPHQL: Provider = { kind: 'graphql', profile: 'generic-graphql', url: '', place: 'bearer' };
const HTTP: Provider = { kind: 'http', profile: 'generic-http', url: '', place: 'bearer' };

const provider =
  (known: Provider) =>
  (shared: Shared): Fields =>
    upstream(known, shared);

const KINDS: readonly (readonly [name: string, form: (shared: Shared) => Fields])[] = [
  ['A PostgreSQL database', postgres],
  ['Railway', provider(RAILWAY)],
  ['GitHub', provider(GITHUB)],
  ['Another GraphQL API', provider(GRAPHQL)],
  ['Another HTTP API', provider(HTTP)],
  ['A service of your own, by token', token],
];

/** Asks what kind of target it is, shows that kind's form, and inspects what was typed. */
export function add(ticket: string, { sample, alone, firstAgent }: Adding): void {
  const found = mount(el('section.found'));
  const look = (target: Typed): Promise<void> => inspect({ ticket, target, found, firstAgent });
  const fields = mount(el('section.controls'));
  const { label, select } = kindChoice();
  const fill = (): void => {
    const [, form = postgres] = KINDS[Number(select.value)] ?? [];
    const { elements, typed } = form(sharedFields(alone));
    found.replaceChildren();
    fields.replaceChildren(
      ...elements,
      button('primary', 'Look at it', () => look(typed())),
    );
  };
  select.addEventListener('change', fill);
  fill();
  const ready = sample
    ? [button('primary', 'Use the sample database', () => look({ kind: 'sample', soleOwnerMayApprove: alone }))]
    : [];
  const form = mount(el('section.controls'));
  form.append(...ready, label, fields);
  show(INTRO, form, found);
}

const INTRO = el(
  'section.facts',
  el('h1', 'Add a target'),
  el(
    'p',
    'The warden seals what you type here: a provider’s secret to the gateway’s key, any other to its own. The console never sees it.',
  ),
);

function kindChoice(): { readonly label: HTMLElement; readonly select: HTMLSelectElement } {
  const select = document.createElement('select');
  KINDS.forEach(([name], index) => void select.add(new Option(name, String(index))));
  const label = mount(el('label', 'What is it'));
  label.append(select);
  return { label, select };
}
