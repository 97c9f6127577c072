import { readFileSync, writeFileSync } from 'node:fs';

/*
 * Where the registry offers no packages for other platforms, npm leaves them
 * out of the lock, and `npm ci` then calls the lock incomplete everywhere. This
 * writes the missing entries down: node scripts/complete-lock.mjs, after every
 * npm install that changed the lock. An entry that npm knows better is kept.
 */

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'aix'];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'wasm32'];

/** Adds an entry for every optional dependency that has none, and returns their names. */
export function completeLock(lock) {
  const known = Object.keys(lock.packages);
  const added = [];
  for (const parent of Object.values({ ...lock.packages })) {
    for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      if (known.some((key) => key.endsWith(path)) || !isForOnePlatform(name)) continue;
      lock.packages[path] = {
        version: range.replace(/^[\^~]/, ''),
        ...platformOf(name),
        ...(parent.dev ? { dev: true } : {}),
        optional: true,
      };
      added.push(name);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return [...new Set(added)];
}

const isForOnePlatform = (name) => platformOf(name).cpu !== undefined;

/** What the name says: …-linux-arm64-musl, …-wasm32-wasi. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : [];
  return {
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(os.length > 0 ? { os } : {}),
    ...(libc.length > 0 ? { libc } : {}),
  };
}

if (process.argv[1]?.endsWith('complete-lock.mjs')) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const added = completeLock(lock);
  writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${added.length} entries added.`);
}
