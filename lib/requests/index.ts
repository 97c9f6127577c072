export { askOf } from './facts';
export { fileRequest, MAX_OPEN_REQUESTS } from './file';
export { FileRequest, REASON_TO_REPLACE } from './schema';
export { cancelRequest, lapseOverdue, markPrepared, refusePrepared } from './service';
export { canCancel, canDecide, canDeny, isOpen, statesBefore } from './state';
export { findOwn, listOwn, type RequestWithContext } from './store';
