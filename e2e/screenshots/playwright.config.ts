import { defineConfig } from '@playwright/test';
import suite from '../../playwright.config';

/** `npx playwright test -c e2e/screenshots`: takes the README's pictures anew. Not part of the suite. */
// biome-ignore lint/style/noDefaultExport: Playwright demands it
export default defineConfig({ ...suite, testDir: '.', testMatch: 'take.ts' });
