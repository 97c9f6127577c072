const queues = new Map<string, Promise<unknown>>();

/**
 * One at a time for each grant. Ending waits for a mint under way: otherwise it
 * would prove dead what is born a moment later.
 */
export async function withMutex<T>(grantId: string, work: () => Promise<T>): Promise<T> {
  const turn = (queues.get(grantId) ?? Promise.resolve()).then(work, work);
  const settled = turn.catch(() => undefined);
  queues.set(grantId, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(grantId) === settled) queues.delete(grantId);
  }
}
