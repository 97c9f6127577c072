import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file as it is sent. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';

/** Path on this origin, file in the built folder, type. There is no other file to ask for. */
const PAGES: ReadonlyArray<readonly [path: string, file: string, type: string]> = [
  ['/setup', 'setup.html', HTML],
  ['/invite', 'setup.html', HTML],
  ['/enroll', 'setup.html', HTML],
  ['/recover', 'setup.html', HTML],
  ['/target', 'target.html', HTML],
  ['/review', 'review.html', HTML],
  ['/setup.js', 'setup.js', SCRIPT],
  ['/target.js', 'target.js', SCRIPT],
  ['/review.js', 'review.js', SCRIPT],
  ['/page.css', 'page.css', CSS],
  ['/form.css', 'form.css', CSS],
];

const FONTS: ReadonlyArray<readonly [path: string, file: string]> = [
  ['/geist.woff2', 'geist-sans/Geist-Variable.woff2'],
  ['/geist-mono.woff2', 'geist-mono/GeistMono-Variable.woff2'],
];

/** Browsers ask for one, whatever the page says. */
const ICON: Asset = {
  type: 'image/svg+xml',
  body: Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="#1d4ed8" stroke-width="3"/></svg>',
  ),
};

/** Reads every page once, at the start. One that was not built is not served. */
export function loadAssets(built: string, fonts: string): ReadonlyMap<string, Asset> {
  const files = [
    ...PAGES.map(([path, file, type]) => ({ path, file: join(built, file), type })),
    ...FONTS.map(([path, file]) => ({ path, file: join(fonts, file), type: 'font/woff2' })),
  ];
  const found = files
    .filter(({ file }) => existsSync(file))
    .map(({ path, file, type }) => [path, { type, body: readFileSync(file) }] as const);
  return new Map([['/favicon.ico', ICON], ...found]);
}
