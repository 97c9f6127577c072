import { perTargetLimit } from './per-target-limit';

/** Who asks for work at which target. */
export interface Asking {
  readonly targetId: string;
  readonly agentId: string;
}

/** Of one agent at one target, and of all at one target. */
const MOST = { ofAgent: 4, atTarget: 64 };

/**
 * Places for what agents have done at targets before anybody approved. Each agent
 * has its own at each target, so that one whose work hangs delays its own alone
 * (P1, P8): another agent's wait would tell of it, too.
 */
export function fairLimit({ ofAgent, atTarget } = MOST): {
  run<T>(asking: Asking, work: () => Promise<T>): Promise<T>;
} {
  const [own, all] = [perTargetLimit(ofAgent), perTargetLimit(atTarget)];
  return {
    // The agent's own queue first: what waits there takes no place at the target.
    run: ({ targetId, agentId }, work) => own.run(`${targetId} ${agentId}`, () => all.run(targetId, work)),
  };
}
