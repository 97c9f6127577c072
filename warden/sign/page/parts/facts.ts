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
  el(`strong.environment${name === 'production' ? '.production' : ''}`, visible(name).toUpperCase());

/** What a person has to know before anything else: first what decides, then what it would do, then what the agent says. */
export function facts(statement: Statement, keyCode: string | null): Tree {
  if (statement.kind === 'request.approve') {
    return el('section.facts', ...asked(statement), ...effect(statement), claims(statement.request.claims));
  }
  const { title, rows } = inWords(statement);
  const value = (label: string, text: string) => (label === 'Environment' ? [environment(text)] : shown(text));
  const known = rows.map(([label, text]) => row(label, ...value(label, text)));
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
    el('p.kicker', ...shown(agent.name), operation === null ? ' asks to' : ' asks Countersign to run one statement:'),
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

function effect({ request: { operation }, preview }: ApproveStatement): (Tree | null)[] {
  const parameters = operation?.parameters.map((value, index) => `$${index + 1} = ${JSON.stringify(value)}`);
  return [
    operation === null ? null : el('pre.code', ...shown(operation.sql, true)),
    list('ul.parameters', parameters ?? []),
    list('ul.warnings', preview.warnings),
    list('ul.effects', preview.effects),
    touched(preview),
  ];
}

function touched({ touched: rows, maxRows }: ApproveStatement['preview']): Tree | null {
  if (rows.length === 0) return null;
  const values = rows.map(({ resource, how, countedRows, estimatedRows }) => {
    const guess = estimatedRows === null ? 'rows unknown' : `about ${estimatedRows} rows`;
    return row(visible(resource), `${visible(how)}, ${countedRows === null ? guess : `${countedRows} rows`}`);
  });
  const title = maxRows === null ? 'What is there' : `What it touches, at most ${maxRows} rows`;
  return el('div.touched', el('h2', title), el('dl.rows', values));
}

function claims({ reason, ticketUrl }: ApproveStatement['request']['claims']): Tree {
  const said = withAttributes(el('p.said', ...shown(reason, true)), { tabindex: '0' });
  const ticket = ticketUrl === null ? null : el('p', 'Ticket: ', ...shown(ticketUrl));
  return el('section.claims', el('h2', 'The agent says — not checked'), said, ticket);
}
