import type { ApproveStatement, Statement } from '#lib/statement';
import { confusable, formatDuration, visible } from '#lib/text';
import { inWords } from './changes';
import { el, type Tree, withAttributes } from './tree';

const IMITATES = el('em.warn', '(mixes in letters that imitate others) ');

/** Text somebody else wrote: what cannot be seen is spelled out, what imitates is said first (T20). */
export const shown = (text: string, multiline = false): readonly (Tree | string)[] => [
  ...(confusable(text) ? [IMITATES] : []),
  visible(text, { multiline }),
];

const row = (label: string, ...value: readonly (Tree | string)[]): Tree =>
  el('div', el('dt', label), el('dd', ...value));
const list = (kind: string, texts: readonly string[]): Tree | null =>
  texts.length === 0 ? null : el(kind, ...texts.map((text) => el('li', ...shown(text))));
const environment = (name: string): Tree =>
  el(`strong.environment${name.toLowerCase() === 'production' ? '.production' : ''}`, visible(name).toUpperCase());

/** What a person has to know before anything else: first what decides, then what it would do, then what the agent says. */
export function facts(statement: Statement, keyCode: string | null): Tree {
  if (statement.kind === 'request.approve') {
    return el(
      'section.facts',
      ...asked(statement),
      lookedUp(statement),
      ...effect(statement),
      claims(statement.request.claims),
    );
  }
  const { title, rows } = inWords(statement);
  // A thumbprint is compared letter by letter: in letters that cannot be taken for each other.
  const value = (text: string) => (/^[\w-]{43}$/.test(text) ? [el('code', text)] : shown(text));
  const known = rows.map(([label, text]) =>
    row(label, ...(label === 'Environment' ? [environment(text)] : value(text))),
  );
  const compare = 'The screen where it was made shows the same.';
  const code = keyCode === null ? null : row('Code of the key', el('code.short', keyCode), ' ', compare);
  return el('section.facts', el('h1', ...shown(title)), el('dl.rows', known, code));
}

function asked({ request, limits, confirm, approver }: ApproveStatement): (Tree | null)[] {
  const { agent, target, operation } = request;
  const yours = agent.owner.id === approver.id ? [el('em.warn', ' (you: nobody else here could approve)')] : [];
  const [name, time] = [el('b', ...shown(target.name)), el('b', formatDuration(limits.ttlSeconds))];
  const often = row('How often', howOften(request, limits));
  const within = row('Collect within', formatDuration(limits.collectWithinSeconds));
  return [
    el(
      'p.kicker',
      ...shown(agent.name),
      operation === null
        ? ' asks to'
        : ` asks Countersign to run one ${'sql' in operation ? 'statement' : 'operation'}:`,
    ),
    el(confirm === null ? 'h1.verbs' : 'h1.verbs.danger', visible(request.verbs.join(', ')).toUpperCase()),
    list('ul.resources', request.resources),
    el('p.place', 'in ', name, ' ', environment(target.environment), ' for ', time),
    el('dl.rows', often, row('Agent of', ...shown(agent.owner.name), ...yours), within),
  ];
}

function howOften({ operation }: ApproveStatement['request'], { maxUses }: ApproveStatement['limits']): string {
  if (operation !== null || maxUses === 1) return 'once';
  return maxUses === null ? 'as often as it likes in that time' : `${maxUses} times`;
}

function effect({ request, preview }: ApproveStatement): (Tree | null)[] {
  return [
    ...(request.operation === null ? [] : written(request.operation)),
    list('ul.warnings', preview.warnings),
    list('ul.effects', preview.effects),
    touched(preview, request.target.kind === 'postgres'),
  ];
}

/** The operation itself, whole. */
function written(operation: NonNullable<ApproveStatement['request']['operation']>): (Tree | null)[] {
  const named = (values: readonly (readonly [string, unknown])[]): Tree | null =>
    list(
      'ul.parameters',
      values.map(([name, value]) => `$${name} = ${JSON.stringify(value)}`),
    );
  if ('sql' in operation)
    return [
      el('pre.code', ...shown(operation.sql, true)),
      named(operation.parameters.map((value, index) => [String(index + 1), value])),
    ];
  if ('query' in operation)
    return [el('pre.code', ...shown(operation.query, true)), named(Object.entries(operation.variables))];
  const { method, path, contentType, body } = operation;
  return [
    el('pre.code', ...shown(`${method} ${path}`)),
    body === undefined ? null : el('pre.code', ...shown(`${contentType ?? 'no type'}\n${body}`, true)),
  ];
}

/** What the ids stand for, as the target itself told it: what nobody could find out is said in red. */
function lookedUp({ request, preview }: ApproveStatement): Tree | null {
  const { found = [], environment: place } = preview;
  if (found.length === 0 && (place ?? null) === null) return null;
  // Its name, then what would be lost, then the rest: on a small phone the last is out of sight.
  const after = (danger: boolean) => found.slice(1).filter(({ weight }) => (weight === 'danger') === danger);
  const rows = [...found.slice(0, 1), ...after(true), ...after(false)].map(({ label, values, weight }) =>
    withClass(
      weight === 'danger' ? 'lost' : null,
      row(visible(label), ...(values === null ? [UNKNOWN] : values.map((value) => el('p', ...shown(value))))),
    ),
  );
  const where = place === undefined ? [] : [place === null ? UNKNOWN : environment(place)];
  const says =
    where.length === 0
      ? null
      : row(place === null ? 'Environment' : `${visible(request.target.name)} says it is`, ...where);
  // A taken gateway lies about providers: who looked stands beside what was found.
  const title = preview.by === 'gateway' ? 'Looked up by the gateway, not told by the agent' : 'Nobody looked it up';
  return el('div.found', el('h2', title), el('dl.rows', says, rows));
}

const UNKNOWN = el('strong.unknown', 'UNKNOWN: nobody could look this up');
/** Why something is typed: what makes power is not what destroys, and outlives the approval (T31). */
export function typedFor(statement: Statement): string {
  const ways = 'preview' in statement ? statement.preview.touched.map(({ how }) => how.replace(/^.*\(|\)$/g, '')) : [];
  if (!ways.includes('escalating')) return 'This destroys. ';
  const also = ways.includes('destructive') ? 'destroys, and it ' : '';
  return `This ${also}makes credentials or members, or turns a protection off. `;
}

const withClass = (name: string | null, tree: Tree): Tree => (name === null ? tree : { ...tree, class: name });

function touched({ touched: things, maxRows }: ApproveStatement['preview'], rows: boolean): Tree | null {
  if (things.length === 0) return null;
  const values = things.map(({ resource, how, countedRows, estimatedRows }) => {
    const many = countedRows ?? (estimatedRows === null ? 'an unknown number of' : `about ${estimatedRows}`);
    return row(visible(resource), visible(how), rows ? `, ${many} rows` : '');
  });
  const most = maxRows === null ? '' : `, at most ${maxRows} ${maxRows === 1 ? 'row' : 'rows'}`;
  const title = rows ? `What it touches${most}, looked up by the warden` : 'What it acts on';
  return el('div.touched', el('h2', title), el('dl.rows', values));
}

function claims({ reason, ticketUrl }: ApproveStatement['request']['claims']): Tree {
  const said = withAttributes(el('p.said', ...shown(reason, true)), { tabindex: '0' });
  const ticket = ticketUrl === null ? null : el('p', 'Ticket: ', ...shown(ticketUrl));
  return el('section.claims', el('h2', 'The agent says — not checked'), said, ticket);
}
