/** What the console's banner shouts. One alarm a code; the text says what to do. */
export interface Alarm<Code extends string = string> {
  readonly code: Code;
  readonly text: string;
  readonly since: string;
}

export interface Alarms<Code extends string = string> {
  raise(code: Code, text: string): void;
  clear(code: Code): void;
  list(): ReadonlyArray<Alarm<Code>>;
}

/** Alarms of one process. `onChange` writes them where they are shown and recorded. */
export function createAlarms<Code extends string>(
  onChange: (change: { readonly raised?: Alarm<Code>; readonly cleared?: Alarm<Code> }) => void,
  now: () => Date,
): Alarms<Code> {
  const active = new Map<Code, Alarm<Code>>();
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
