/** Which resting right: one an agent and a target. */
export const restKey = (agentId: string, targetId: string): string => `${agentId} ${targetId}`;
