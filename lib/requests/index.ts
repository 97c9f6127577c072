export { askOf, subjectOf } from './facts';
export { cancelRequest, denyAllOf, lapseOverdue, markPrepared, refusePrepared } from './service';
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
