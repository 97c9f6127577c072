import type { Browser, BrowserContext, Page } from 'playwright';
import { plugIn, type SecurityKey } from '#testing/security-key';

/** Somebody at a browser of their own, with a key of their own. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly key: SecurityKey;
}

export async function person(browser: Browser, name: string, { synced = false } = {}): Promise<Person> {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  return { name, email: `${name.toLowerCase()}@example.com`, context, page, key: await plugIn(page, { synced }) };
}
