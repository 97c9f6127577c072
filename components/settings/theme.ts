export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The cookie the server reads before it draws the page. */
export const THEME_COOKIE = 'countersign.theme';

/** What the cookie says; anything unknown follows the device. */
export function readTheme(cookie: string | undefined): Theme {
  return THEMES.find((theme) => theme === cookie) ?? 'system';
}

const YEAR_SECONDS = 31_536_000;

/** In the browser: at once on this page, and for every page from now on. */
export function rememberTheme(theme: Theme): void {
  const { documentElement: root } = document;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
  // biome-ignore lint/suspicious/noDocumentCookie: cookieStore is missing in browsers that still read security keys
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}
