/** What the console's banner shouts. One alarm a code; the text says what to do. */
export type AlarmCode =
  | 'chain_broken'
  | 'projection_differs'
  | 'clock_skew'
  | 'still_live'
  | 'target_unreachable'
  | 'orphan_credential'
  | 'secret_leaked'
  | 'tampering';

export interface Alarm {
  readonly code: AlarmCode;
  readonly text: string;
  readonly since: string;
}

export interface Alarms {
  raise(code: AlarmCode, text: string): void;
  clear(code: AlarmCode): void;
  list(): readonly Alarm[];
}

/** Alarms of this process. `onChange` writes them where web can see them and records them. */
export function createAlarms(onChange: (change: { raised?: Alarm; cleared?: Alarm }) => void, now: () => Date): Alarms {
  const active = new Map<AlarmCode, Alarm>();
  return {
    raise(code, text) {
      const before = active.get(code);
      if (before?.text === text) return;
      const alarm = { code, text, since: before?.since ?? now().toISOString() };
      active.set(code, alarm);
      onChange({ raised: alarm });
    },
    clear(code) {
      const alarm = active.get(code);
      if (alarm === undefined) return;
      active.delete(code);
      onChange({ cleared: alarm });
    },
    list: () => [...active.values()],
  };
}
