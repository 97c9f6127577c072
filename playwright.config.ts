import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];
const executablePath = process.env['CHROMIUM_PATH'] ?? SYSTEM.find(existsSync);

export default defineConfig({
  testDir: 'e2e',
  // Each spec starts an installation of its own: one at a time on a small machine.
  workers: 1,
  timeout: 90_000,
  forbidOnly: true,
  reporter: process.env['COUNTERSIGN_REPORT']
    ? [['list'], ['json', { outputFile: process.env['COUNTERSIGN_REPORT'] }]]
    : [['list']],
  expect: { timeout: 10_000 },
  use: {
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
