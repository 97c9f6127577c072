import { perTargetLimit } from './per-target-limit';

/** Who asks for work at which target. */
export interface Asking {
  readonly targetId: string;
  readonly agentId: string;
}

/**
 * Of one agent at one target, and of all there: at a database each is a connection, of which a server has a hundred
 * by default. Six agents whose work hangs at once keep others waiting, until their time is over.
 */
const MOST = { ofAgent: 4, atTarget: 24 };

/**
 * Places for what agents have done at targets before anybody approved. Each agent
 * has its own at each target, so that one whose work hangs delays its own (P1, P8):
 * another agent's wait would tell of it, too.
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
