/** `preparing → pending → approved | denied | cancelled | lapsed`; never back, and decided is decided. */
export type RequestState = 'preparing' | 'pending' | 'approved' | 'denied' | 'cancelled' | 'lapsed';

/** Who moves a request: the warden itself, a signed approval, a person at the console, the agent that filed it, time. */
export type Mover = 'warden' | 'approval' | 'person' | 'agent' | 'clock';

type Decided = 'approved' | 'denied' | 'cancelled' | 'lapsed';

const MOVES: Readonly<Record<RequestState, Partial<Record<RequestState, readonly Mover[]>>>> = {
  preparing: { pending: ['warden'], denied: ['warden', 'person'], cancelled: ['agent'], lapsed: ['clock'] },
  pending: { approved: ['approval'], denied: ['person'], cancelled: ['agent'], lapsed: ['clock'] },
  approved: {},
  denied: {},
  cancelled: {},
  lapsed: {},
};

const STATES = Object.keys(MOVES) as RequestState[];

/** Whether this mover may take a request from one state to another. Unknown is no. */
export const mayMove = (mover: Mover, from: RequestState, to: RequestState): boolean =>
  MOVES[from][to]?.includes(mover) ?? false;

/** Every state this mover may take a request to `to` from: the `WHERE` of the update. */
export const statesBefore = (mover: Mover, to: RequestState): RequestState[] =>
  STATES.filter((from) => mayMove(mover, from, to));

const isState = (state: string): state is RequestState => Object.hasOwn(MOVES, state);

/** Nobody has decided yet. */
export const isOpen = (state: string): boolean => state === 'preparing' || state === 'pending';

/** A person may approve it now: its preview stands and nobody has decided. */
export const canDecide = (state: string): boolean => isState(state) && mayMove('approval', state, 'approved');

/** A person may say no. Possible earlier than yes (P9). */
export const canDeny = (state: string): boolean => isState(state) && mayMove('person', state, 'denied');

/** The agent may take it back. */
export const canCancel = (state: string): boolean => isState(state) && mayMove('agent', state, 'cancelled');

/** What an update sets when a request is decided. */
export const decided = (state: Decided, now: Date, by: string) =>
  ({ state, decidedAt: now, decidedBy: by, version: { increment: 1 } }) as const;
