'use client';

import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { type Method, type Problem, sendJson } from './send';

interface Send {
  /** From the press until the page shows the result: nothing is shown before it is so. */
  readonly running: boolean;
  readonly trouble: string | null;
  readonly fieldError: (pointer: string) => string | null;
  readonly send: (method: Method, path: string, body?: object, then?: (body: unknown) => void) => void;
}

/** One action's life: disabled while it runs, refused in words, then the page drawn anew from the server. */
export function useSend(): Send {
  const router = useRouter();
  const [running, start] = useTransition();
  const [problem, setProblem] = useState<Problem | null>(null);

  function send(method: Method, path: string, body: object = {}, then?: (body: unknown) => void): void {
    if (running) return;
    setProblem(null);
    start(async () => {
      const sent = await sendJson(method, path, body);
      start(() => {
        if (!sent.ok) return setProblem(sent.problem);
        then?.(sent.body);
        router.refresh();
      });
    });
  }

  const fieldError = (pointer: string): string | null =>
    problem?.errors.find((error) => error.pointer === pointer)?.detail ?? null;
  return { running, trouble: problem === null ? null : problem.detail, fieldError, send };
}
