import { load } from '../../scripts/bootstrap/load.mjs';

const { saturate } = await load('bench/gateway/saturate.ts');
await saturate(process.argv.slice(2));
