import { defineConfig } from '@playwright/test';
import suite from '../../playwright.config';

/** `npx playwright test -c e2e/screenshots`: takes the README's pictures anew. Not part of the suite. */
export default defineConfig({ ...suite, testDir: '.', testMatch: 'take.ts' });
