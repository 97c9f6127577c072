import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** May everybody pass through every folder on the way? */
export function reachable(path: string): boolean {
  if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return false;
  return dirname(path) === path || reachable(dirname(path));
}
