/** A bounded memory: what was not asked for the longest goes first. */
export interface Lru<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

export function lru<T>(most: number): Lru<T> {
  const values = new Map<string, T>();
  return {
    get(key) {
      const known = values.get(key);
      if (known === undefined) return undefined;
      values.delete(key);
      values.set(key, known);
      return known;
    },
    set(key, value) {
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > most && oldest !== undefined) values.delete(oldest);
    },
  };
}
