/** The tab's icon with the number that wait, as a data URL: no request, nothing injected. */
export function favicon(waiting: number): string {
  const mark =
    '<path d="M4 12l5 5 8-11M14 21l5 5 9-12" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"/>';
  const label = waiting > 9 ? '9+' : String(Math.trunc(waiting));
  const number = `<text x="16" y="23.5" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="${label.length > 1 ? 17 : 21}" fill="#fff">${label}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${waiting > 0 ? '#b42318' : '#1d4ed8'}"/>${waiting > 0 ? number : mark}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
