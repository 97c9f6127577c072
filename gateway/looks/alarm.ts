import type { Gateway } from '../context';

/** One alarm for all targets that were last found away. */
export function unreachableTargets({ alarms }: Pick<Gateway, 'alarms'>) {
  const away = new Map<string, string>();
  const tell = (): void => {
    if (away.size === 0) alarms.clear('target_unreachable');
    else alarms.raise('target_unreachable', `${[...away.values()].join(' ')} Requests for it wait until it answers.`);
  };
  return {
    raise(targetId: string, message: string) {
      away.set(targetId, message);
      tell();
    },
    clear(targetId: string) {
      if (away.delete(targetId)) tell();
    },
    /** Forgets targets that no request waits for. */
    keep(waitedFor: ReadonlySet<string>) {
      for (const targetId of away.keys()) if (!waitedFor.has(targetId)) away.delete(targetId);
      tell();
    },
  };
}
