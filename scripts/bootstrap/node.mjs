/*
 * Runs before anything is installed: no dependency, and no syntax that an old
 * Node would stumble over before it can say that it is old.
 */
var version = process.versions.node.split('.').map(Number);

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error(
    'Countersign needs Node 20.19 or newer and this is ' +
      process.versions.node +
      ': install a newer one from https://nodejs.org.',
  );
  process.exit(1);
}
