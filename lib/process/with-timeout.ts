import { DomainError } from '#lib/core';

/**
 * Stops waiting for a target that neither answers nor refuses. What it was asked
 * may still happen: the caller treats the outcome as unknown.
 */
export async function withTimeout<T>(
  seconds: number,
  work: Promise<T>,
  words = `The target did not answer within ${seconds} s.`,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DomainError('target_unreachable', words)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
