interface Listener {
  readonly onChange: () => void;
  /** False once the stream has been away for longer than a hiccup. */
  readonly onConnected: (connected: boolean) => void;
}

const GATHER_MS = 200;
const RETRY_MS = 4_000;

/**
 * Follows the console's event stream until the returned function is called.
 * The browser reconnects after a broken connection but not after an HTTP error
 * (a restarting server behind a proxy): then we open it again ourselves.
 */
export function listen(url: string, { onChange, onConnected }: Listener): () => void {
  const timers = { gather: 0, retry: 0, lost: 0 };
  let source: EventSource | null = null;
  let missed = false;
  let lastStatus: string | null = null;

  const changed = (): void => {
    clearTimeout(timers.gather);
    timers.gather = window.setTimeout(onChange, GATHER_MS);
  };
  const opened = (): void => {
    clearTimeout(timers.lost);
    timers.lost = 0;
    onConnected(true);
    if (missed) changed();
    missed = false;
  };
  const failed = (): void => {
    missed = true;
    if (timers.lost === 0) timers.lost = window.setTimeout(() => onConnected(false), RETRY_MS);
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(timers.retry);
    timers.retry = window.setTimeout(open, RETRY_MS);
  };
  const told = ({ data }: MessageEvent<string>): void => {
    if (lastStatus !== null && lastStatus !== data) changed();
    lastStatus = data;
  };
  function open(): void {
    source?.close();
    source = new EventSource(url);
    source.addEventListener('open', opened);
    source.addEventListener('error', failed);
    source.addEventListener('change', changed);
    source.addEventListener('status', told);
  }

  open();
  return () => {
    for (const timer of Object.values(timers)) clearTimeout(timer);
    source?.close();
  };
}
