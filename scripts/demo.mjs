import './bootstrap/node.mjs';
import { run } from './bootstrap/run.mjs';

await run('scripts/commands/generate.ts');
await run('scripts/commands/demo.ts');
