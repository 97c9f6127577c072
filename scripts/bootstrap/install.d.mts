/** Installs from the lock file when what is installed is not what it says. */
export function install(): Promise<void>;
/** Says what takes long, and every ten seconds that it still does. */
export function progress<T>(what: string, work: Promise<T>): Promise<T>;
