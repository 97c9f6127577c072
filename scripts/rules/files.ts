import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const NOT_OURS = new Set([
  'node_modules',
  'dist',
  'generated',
  'test-results',
  'playwright-report',
  'package-lock.json',
]);
const NOT_TEXT = /\.(?:png|ico|woff2?|tsbuildinfo)$/;

/** The repository's own text files, by path. A copy without git has the same ones. */
export function ownFiles(dir = '.'): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name) || (entry.isDirectory() && entry.name.startsWith('.') && entry.name !== '.github'))
      return [];
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return ownFiles(path);
    return entry.isFile() && !NOT_TEXT.test(entry.name) ? [path] : [];
  });
}
