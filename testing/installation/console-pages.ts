import { expect, type Locator, type Page } from '@playwright/test';
import type { InstallationUnderTest } from './installation';

export async function signIn(page: Page, stage: InstallationUnderTest): Promise<void> {
  await page.goto(`${stage.web}/sign-in`);
  await page.getByRole('button', { name: 'Sign in with your key' }).click();
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
}

/** Somebody whose key opens nothing here. */
export async function isNotLetIn(page: Page, stage: InstallationUnderTest): Promise<void> {
  await page.goto(`${stage.web}/sign-in`);
  await page.getByRole('button', { name: 'Sign in with your key' }).click();
  await expect(page.getByRole('main').getByText('does not open a session here')).toBeVisible();
}

/** The row of a request in the inbox. */
export const row = (page: Page, requestId: string): Locator =>
  page.getByRole('main').locator(`a[href="/requests/${requestId}"]`);

export async function openRequest(page: Page, stage: InstallationUnderTest, requestId: string): Promise<void> {
  await page.goto(`${stage.web}/requests/${requestId}`);
  await expect(page.getByRole('heading', { name: 'The story' })).toBeVisible();
}

/** Presses a button that leads to the warden's own page, and waits until it stands there. */
export async function leaveToSign(page: Page, stage: InstallationUnderTest, button: Locator): Promise<void> {
  await button.click();
  await page.waitForURL((url) => url.origin === stage.sign);
}

export async function deny(page: Page, reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Deny' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: 'Deny' }).click();
  await expect(dialog).toBeHidden();
}

export const grantCard = (page: Page, grantId: string): Locator =>
  page.getByRole('article', { name: `Grant ${grantId}` });

/** Lets an agent read a target at rest: one signature. */
export async function allowReads(
  page: Page,
  stage: InstallationUnderTest,
  { agent, target }: { agent: string; target: string },
) {
  await page.goto(`${stage.web}/agents`);
  await page.getByRole('link', { name: agent }).click();
  const card = page.getByRole('region', { name: 'Reads at rest' });
  const option = await card.locator('option', { hasText: target }).textContent();
  await card.getByLabel('Target').selectOption(option ?? '');
  await leaveToSign(page, stage, card.getByRole('button', { name: 'Allow with your key' }));
}
