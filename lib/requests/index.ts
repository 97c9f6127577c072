export { askOf } from './facts';
export { cancelRequest, denyUndecided, lapseOverdue, markPrepared, refusePrepared, undecidedBy } from './service';
export {
  canCancel,
  canDecide,
  isOpen,
  type RequestState,
  stateForAgent,
  statesBefore,
  type TransitionActor,
} from './state';
export { CONTEXT, findOwn, listOwn, type RequestWithContext } from './store';
export { subjectOf } from './subject';
