import { createRequire } from 'node:module';

// With TypeScript 7 dependency-cruiser reads through @swc/core, and never tells
// it that a .tsx file holds JSX. Loaded before it, this does.
const swc = createRequire(import.meta.url)('@swc/core');
const { parseFileSync } = swc;
swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') });
