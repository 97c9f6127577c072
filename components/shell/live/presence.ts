const AWAY = 'cs_away';
const AFTER_MS = 60_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

function mark(value: string, age: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser an approver may use
  document.cookie = `${AWAY}=${value}; path=/; samesite=lax${age}`;
}

/**
 * Tells the server, with a cookie, that nobody touched the page for a minute:
 * a page that draws itself anew is no use of a session, or an unattended tab
 * would never reach the idle limit. Returns how to stop.
 */
export function watchPresence(): () => void {
  let timer = 0;
  const left = (): void => mark('1', '');
  const here = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(left, AFTER_MS);
    if (document.cookie.includes(`${AWAY}=1`)) mark('', '; max-age=0');
  };
  here();
  for (const sign of SIGNS) window.addEventListener(sign, here, { passive: true });
  return () => {
    clearTimeout(timer);
    for (const sign of SIGNS) window.removeEventListener(sign, here);
  };
}
