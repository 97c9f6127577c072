/**
 * `safe` reads nothing secret; `sensitive` reads what must not leave; `write` changes; `destructive` removes what
 * does not come back; `escalating` mints credentials or members, or turns a protection or a backup off.
 */
export const OPERATION_CLASSES = ['safe', 'sensitive', 'write', 'destructive', 'escalating'] as const;
export type OperationClass = (typeof OPERATION_CLASSES)[number];

/** The worst of them; nothing at all is the best. As many as there are: a spread of them has an end (T68). */
export function worstClass(classes: readonly OperationClass[]): OperationClass {
  const worse = (one: OperationClass, other: OperationClass): boolean =>
    OPERATION_CLASSES.indexOf(one) > OPERATION_CLASSES.indexOf(other);
  return classes.reduce<OperationClass>((worst, one) => (worse(one, worst) ? one : worst), 'safe');
}
