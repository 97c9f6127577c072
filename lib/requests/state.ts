/** `preparing → pending → approved | denied | cancelled | lapsed`. None goes back, and the last four are final. */
export type RequestState = 'preparing' | 'pending' | 'approved' | 'denied' | 'cancelled' | 'lapsed';

/** Who moves a request: the warden by itself, a signed approval, a person at the console, the agent that filed it, the clock. */
export type TransitionActor = 'warden' | 'approval' | 'person' | 'agent' | 'clock';

type Decided = 'approved' | 'denied' | 'cancelled' | 'lapsed';

const TRANSITIONS: Readonly<Record<RequestState, Partial<Record<RequestState, readonly TransitionActor[]>>>> = {
  preparing: { pending: ['warden'], denied: ['warden', 'person'], cancelled: ['agent'], lapsed: ['clock'] },
  pending: { approved: ['approval'], denied: ['person'], cancelled: ['agent'], lapsed: ['clock'] },
  approved: {},
  denied: {},
  cancelled: {},
  lapsed: {},
};

const STATES = Object.keys(TRANSITIONS) as RequestState[];

/** Whether this mover may take a request from one state to another; a move that no table names is refused (P7). */
export const canTransition = (mover: TransitionActor, from: RequestState, to: RequestState): boolean =>
  TRANSITIONS[from][to]?.includes(mover) ?? false;

/** The states from which this mover may take a request to `to`: the `WHERE` of the update. */
export const statesBefore = (mover: TransitionActor, to: RequestState): RequestState[] =>
  STATES.filter((from) => canTransition(mover, from, to));

const isState = (state: string): state is RequestState => Object.hasOwn(TRANSITIONS, state);

/** As its agent sees it: whether and when a preview lands says something of what the agent may not read (P1). */
export type StateForAgent = Exclude<RequestState, 'preparing'>;

export const stateForAgent = (state: string): StateForAgent =>
  state === 'preparing' ? 'pending' : (state as StateForAgent);

/** Whether a request is undecided. */
export const isOpen = (state: string): boolean => state === 'preparing' || state === 'pending';

/** Whether it can be approved: its preview is there and nobody has decided. */
export const canDecide = (state: string): boolean => isState(state) && canTransition('approval', state, 'approved');

/** Whether the agent can cancel it. */
export const canCancel = (state: string): boolean => isState(state) && canTransition('agent', state, 'cancelled');

/** What an update sets when a request is decided. */
export const decided = (state: Decided, now: Date, by: string) =>
  ({ state, decidedAt: now, decidedBy: by, version: { increment: 1 } }) as const;
