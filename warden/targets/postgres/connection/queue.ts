import { codeOf } from './errors';

/** Two sessions changed one access list at once, or waited for each other: nothing happened, try again. */
const worthRepeating = (error: unknown): boolean =>
  codeOf(error) === '40P01' ||
  (codeOf(error) === 'XX000' && error instanceof Error && error.message.includes('tuple concurrently'));

/** Runs it again where the server says that nothing happened. */
export async function repeating<T>(work: () => Promise<T>, attempts = 8): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempts <= 1 || !worthRepeating(error)) throw error;
    return await repeating(work, attempts - 1);
  }
}

/** One after another, whatever became of the one before. */
export function serialized(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
