/** `volume/3d2c…`, `volume/*`, `repo/acme/*`: printable, no tricks, nothing that means another thing elsewhere (T50). */
const UPSTREAM_RESOURCE = /^[a-z][a-z0-9-]{0,31}\/(?:\*|[A-Za-z0-9_][A-Za-z0-9._:@+=~/-]{0,199}(?:\/\*)?)$/;

/** A name that cannot be written as a resource is refused. */
export function isUpstreamResource(text: string): boolean {
  return UPSTREAM_RESOURCE.test(text) && !text.split('/').some((part) => part === '' || part === '.' || part === '..');
}
