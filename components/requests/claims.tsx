import { Card, Copy, Notice, VisibleText } from '#components/ui';
import { confusable, visible } from '#lib/text';

interface ClaimsProps {
  readonly reason: string;
  readonly ticketUrl: string | null;
}

/**
 * The agent's own words, fenced: plain characters in a box of their own, never
 * markup and never a link, so that they cannot pose as the page (T2, T20). A
 * long text scrolls inside its box and says how long it is.
 */
export function Claims({ reason, ticketUrl }: ClaimsProps) {
  const lines = reason.split('\n').length;
  return (
    <Card
      title="The agent says — not checked"
      note={
        lines > 12 || reason.length > 1_000
          ? `${reason.length.toLocaleString('en')} characters in ${lines.toLocaleString('en')} lines. Scroll inside the box to read all of it.`
          : undefined
      }
      className="border-dashed"
    >
      <div className="space-y-3 p-4">
        {visible(reason, { multiline: true }) === reason ? null : (
          <Notice
            tone="warn"
            title={'It holds characters that cannot be seen. They are written out below, like \\u{202E}.'}
          />
        )}
        {confusable(reason) ? <Notice tone="warn" title="Some of its letters only look like Latin ones." /> : null}
        <section
          aria-label="The agent's words"
          className="max-h-96 overflow-y-auto border-line-strong border-l-4 bg-sunken py-2 pr-3 pl-3"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
        >
          <blockquote className="font-mono text-sm">
            <VisibleText multiline>{reason}</VisibleText>
          </blockquote>
        </section>
        {ticketUrl === null ? null : <Ticket url={ticketUrl} />}
      </div>
    </Card>
  );
}

/** An address from a stranger: to be read, not to be clicked. */
function Ticket({ url }: { readonly url: string }) {
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <span className="text-ink-soft">Ticket</span>
      <VisibleText className="min-w-0 font-mono text-xs">{url}</VisibleText>
      <Copy text={url} what="the ticket's address" />
    </div>
  );
}
