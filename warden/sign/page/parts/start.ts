import { show } from './dom';
import { el } from './tree';

/** Runs a page. What nobody foresaw is said, too: a page that goes on saying “One moment…” would be waited for. */
export function start(page: () => Promise<void>): void {
  page().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    show(el('section.facts', el('h1', 'This cannot be shown'), el('p.alert', why), el('p', AGAIN)));
  });
}

const AGAIN = 'Nothing was signed. Go back to the console and open it again.';
