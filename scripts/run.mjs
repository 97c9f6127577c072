import './bootstrap/node.mjs';

/*
 * `node scripts/run.mjs <command>`: what every script of package.json runs.
 * The rest is imported only now, so that an old Node parses none of it before
 * it has said that it is old.
 */
void import('./bootstrap/run.mjs').then(({ run }) => run(process.argv[2], process.argv.slice(3)));
