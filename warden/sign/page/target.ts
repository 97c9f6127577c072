import type { Offer } from '../signing/draft';
import { alertLine, button, mount, show } from './parts/dom';
import { check, field, words } from './parts/form';
import { showOffer } from './parts/offer';
import { linkSecret, post } from './parts/talk';
import { type Fields, type Provider, upstream } from './parts/target/upstream';
import { el, type Tree } from './parts/tree';

type Begun =
  | { readonly kind: 'target.add'; readonly sample: boolean; readonly alone: boolean }
  | { readonly kind: 'target.renew'; readonly name: string; readonly environment: string; readonly url: string };

interface Report {
  readonly version: string;
  readonly answered?: string;
  readonly tables: readonly {
    readonly resource: string;
    readonly kind: string;
    readonly estimatedRows: number | null;
  }[];
  readonly dangers: readonly { readonly text: string; readonly mend: string }[];
  readonly warnings: readonly string[];
  readonly script: string | null;
}

/** What a form gives; the warden parses it. */
type Typed = object;

let ticket = '';

function common(alone: boolean, suggested: string) {
  const name = field({
    label: 'Name',
    hint: 'What agents call it: lower-case letters, digits, dashes.',
    value: suggested,
  });
  const environment = field({
    label: 'Environment',
    hint: 'production asks for hardware keys; staging, test or your own word do not.',
    value: 'production',
  });
  const ttl = field({ label: 'Longest grant, minutes', value: '60' });
  const sole = check(
    `Let a sole owner approve what their own agent asks${alone ? '. You are the only one here, so without this nobody could.' : ''}`,
    alone,
  );
  return {
    first: [name.element, environment.element],
    last: [ttl.element, sole.element],
    typed: () => ({
      name: name.input.value,
      environment: environment.input.value,
      maxTtlSeconds: Math.round(Number(ttl.input.value) * 60) || 0,
      soleOwnerMayApprove: sole.input.checked,
    }),
  };
}

function postgres(alone: boolean): Fields {
  const shared = common(alone, '');
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
  const count = check('Previews may run a statement in a transaction that is rolled back, to count its rows', false);
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

function token(alone: boolean): Fields {
  const shared = common(alone, '');
  const audience = field({
    label: 'Audience',
    type: 'url',
    hint: 'The address your service calls itself: https://deploy.example',
  });
  const resources = field({ label: 'Resources', hint: 'deploy/api or deploy/*, separated by spaces.' });
  const verbs = field({ label: 'Verbs', hint: 'read deploy rollback' });
  const destructive = field({ label: 'Of these, destructive', hint: 'They ask for the resource’s name to be typed.' });
  const introspected = check('The service asks Countersign on every call, so that revoking works at once', true);
  return {
    elements: [
      ...shared.first,
      audience.element,
      resources.element,
      verbs.element,
      destructive.element,
      introspected.element,
      ...shared.last,
    ],
    typed: () => ({
      kind: 'token',
      ...shared.typed(),
      audience: audience.input.value,
      resources: words(resources.input.value),
      verbs: words(verbs.input.value),
      destructiveVerbs: words(destructive.input.value),
      introspected: introspected.input.checked,
    }),
  };
}

const form = mount(el('section.controls'));
const found = mount(el('section.found'));

const RAILWAY: Provider = {
  kind: 'graphql',
  profile: 'railway',
  url: 'https://backboard.railway.com/graphql/v2',
  place: 'bearer',
};
const GITHUB: Provider = { kind: 'http', profile: 'github-rest', url: 'https://api.github.com/', place: 'bearer' };
const GRAPHQL: Provider = { kind: 'graphql', profile: 'generic-graphql', url: '', place: 'bearer' };
const HTTP: Provider = { kind: 'http', profile: 'generic-http', url: '', place: 'bearer' };

function chooseKind({ sample, alone }: Extract<Begun, { kind: 'target.add' }>): void {
  const behindGateway = (provider: Provider) => (): Fields => upstream(provider, common(alone, ''));
  const kinds: readonly (readonly [string, () => Fields])[] = [
    ['A PostgreSQL database', () => postgres(alone)],
    ['Railway', behindGateway(RAILWAY)],
    ['GitHub', behindGateway(GITHUB)],
    ['Another GraphQL API', behindGateway(GRAPHQL)],
    ['Another HTTP API', behindGateway(HTTP)],
    ['A service of your own, by token', () => token(alone)],
  ];
  const select = document.createElement('select');
  kinds.forEach(([name], index) => void select.add(new Option(name, String(index))));
  const label = mount(el('label', 'What is it'));
  label.append(select);
  const fields = mount(el('section.controls'));
  select.addEventListener('change', () => fill(fields, kinds[Number(select.value)]?.[1]));
  fill(fields, kinds[0]?.[1]);
  const ready = sample
    ? [button('primary', 'Use the sample database', () => look(() => ({ kind: 'sample', soleOwnerMayApprove: alone })))]
    : [];
  const intro = el(
    'section.facts',
    el('h1', 'Add a target'),
    el('p', 'What you type here goes to the warden alone and is stored encrypted. The console never sees it.'),
  );
  form.replaceChildren(...ready, label, fields);
  show(intro, form, found);
}

function fill(into: HTMLElement, kind: (() => Fields) | undefined): void {
  if (kind === undefined) return;
  const { elements, typed } = kind();
  found.replaceChildren();
  into.replaceChildren(
    ...elements,
    button('primary', 'Look at it', () => look(typed)),
  );
}

/** Inspects, says what it found, and offers to go on where nothing is in the way. */
async function look(typed: () => Typed): Promise<void> {
  const target = typed();
  const line = alertLine();
  found.replaceChildren(mount(el('p', 'Looking…')));
  const answer = await post<{ report: Report }>('/api/target/inspect', { ticket, target });
  found.replaceChildren(line);
  if (!answer.ok) {
    line.textContent = answer.text;
    return line.scrollIntoView();
  }
  const { report } = answer.value;
  found.replaceChildren(mount(reportOf(report)), line);
  if (report.dangers.length === 0) found.append(button('primary', 'Review and sign', () => goOn(target, line)));
  found.scrollIntoView();
}

function reportOf({ version, answered = '', tables, dangers, warnings, script }: Report): Tree {
  const rows = ({ estimatedRows }: Report['tables'][number]): string =>
    estimatedRows === null ? '' : `about ${estimatedRows} rows`;
  return el(
    'section.facts.controls',
    el('h1', dangers.length === 0 ? 'It looks right' : 'It cannot be used like this'),
    el('p', version),
    answered === '' ? null : el('p', 'The one safe call that tried the secret was answered:'),
    answered === '' ? null : el('pre.code', answered),
    dangers.length === 0
      ? null
      : el(
          'ul.warnings',
          dangers.map(({ text, mend }) => el('li', text, el('pre.code', mend))),
        ),
    warnings.length === 0
      ? null
      : el(
          'ul.effects',
          warnings.map((text) => el('li', text)),
        ),
    dangers.length === 0 || script === null
      ? null
      : el('details', el('summary', 'Make a good role from the start'), el('pre.code', script)),
    tables.length === 0
      ? null
      : el(
          'dl.rows',
          tables.map((table) => el('div', el('dt', table.resource), el('dd', rows(table)))),
        ),
  );
}

async function goOn(target: Typed, line: HTMLElement): Promise<void> {
  const answer = await post<Offer>('/api/target/draft', { ticket, target });
  if (!answer.ok) line.textContent = answer.text;
  else await showOffer(answer.value, () => goOn(target, line));
}

/** Another secret, or the same one; the provider's schema is taken as it is now. */
function renew({ name, environment, url }: Extract<Begun, { kind: 'target.renew' }>): void {
  const secret = field({
    label: 'New secret',
    type: 'password',
    hint: 'Leave it empty to keep the one it has. Either way it is tried, and the provider’s schema is taken anew.',
  });
  const line = alertLine();
  const go = async (): Promise<void> => {
    line.textContent = '';
    const answer = await post<Offer>('/api/renew/draft', { ticket, secret: secret.input.value });
    if (!answer.ok) line.textContent = answer.text;
    else await showOffer(answer.value, go);
  };
  const intro = el(
    'section.facts',
    el('h1', 'Renew ', name),
    el(
      'dl.rows',
      el('div', el('dt', 'Environment'), el('dd', environment)),
      el('div', el('dt', 'Address'), el('dd', url)),
    ),
  );
  form.replaceChildren(secret.element, button('primary', 'Try it and review', go), line);
  show(intro, form);
}

async function start(): Promise<void> {
  ticket = linkSecret() ?? '';
  const answer = await post<Begun>('/api/ticket', { ticket });
  if (answer.ok) return answer.value.kind === 'target.renew' ? renew(answer.value) : chooseKind(answer.value);
  show(el('section.facts', el('h1', 'This link does not work'), el('p.alert', answer.text)));
}

void start();
