export { fileRequest, MAX_OPEN_REQUESTS } from './file';
export { FileRequest, REASON_TO_REPLACE } from './schema';
