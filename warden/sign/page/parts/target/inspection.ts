import type { Offer } from '../../../signing/draft';
import { alertLine, button, mount } from '../dom';
import { field } from '../form';
import { showOffer } from '../offer';
import { post } from '../talk';
import { el, type Tree } from '../tree';
import type { Typed } from './fields';

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

/** What is being added, by which link, and where what was found is shown. */
interface Adding {
  readonly ticket: string;
  readonly target: Typed;
  readonly found: HTMLElement;
  /** There is no agent yet. */
  readonly firstAgent: boolean;
}

/** Inspects, says what it found, and offers to go on where nothing is in the way. */
export async function inspect({ ticket, target, found, firstAgent }: Adding): Promise<void> {
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
  const agent = field({ label: 'Its first agent', hint: FIRST_AGENT, value: firstAgent ? 'my-agent' : '' });
  const draft = async (): Promise<void> => {
    const name = agent.input.value.trim();
    const offer = await post<Offer>('/api/target/draft', { ticket, target, agent: name === '' ? null : name });
    if (offer.ok) return showOffer(offer.value, draft);
    line.textContent = offer.text;
  };
  if (report.dangers.length === 0)
    found.append(...(firstAgent ? [agent.element] : []), button('primary', 'Review and sign', draft));
  found.scrollIntoView();
}

const FIRST_AGENT = 'Registered with the same signature. Leave it empty to do that later, in the console.';

function reportOf({ version, answered = '', tables, dangers, warnings, script }: Report): Tree {
  const rows = ({ estimatedRows }: Report['tables'][number]): string =>
    estimatedRows === null ? '' : `about ${estimatedRows} rows`;
  return el(
    'section.facts.controls',
    el('h1', dangers.length === 0 ? 'It looks right' : 'It cannot be used like this'),
    el('p', version),
    answered === '' ? null : el('p', 'The gateway tried the secret with one safe call, and says it was answered:'),
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
