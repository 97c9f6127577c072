'use client';

import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';

interface Clock {
  /** The server's instant when it drew the page, milliseconds. */
  readonly drawnAt: number;
  /** Server's clock minus this device's. */
  readonly offset: number;
}

const ClockContext = createContext<Clock>({ drawnAt: 0, offset: 0 });

/** Countdowns follow the server's clock: a phone that is five minutes off shows no lie. */
export function ClockProvider({ now, children }: { readonly now: string; readonly children: ReactNode }) {
  const drawnAt = Date.parse(now);
  const [offset, setOffset] = useState(0);
  useEffect(() => setOffset(drawnAt - Date.now()), [drawnAt]);
  return <ClockContext value={{ drawnAt, offset }}>{children}</ClockContext>;
}

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1_000);
  return () => clearInterval(timer);
}

/** The server's time now, in whole seconds as milliseconds; on the server, the instant of drawing. */
export function useNow(): number {
  const { drawnAt, offset } = useContext(ClockContext);
  const drawn = Math.floor(drawnAt / 1_000) * 1_000;
  const read = useCallback(() => Math.floor((Date.now() + offset) / 1_000) * 1_000, [offset]);
  return useSyncExternalStore(everySecond, read, () => drawn);
}
