import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'unit',
    include: ['{lib,warden,gateway,testing,components,app,scripts,railway-simulator}/**/*.test.{ts,tsx}'],
    globalSetup: ['testing/database/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes when it comes; where its time is a promise, the test says how long it may take.
    expect: { poll: { timeout: 10_000 } },
    // Two cores and a real database: more workers only wait for each other.
    maxWorkers: 3,
  },
});
