export { forgetSession } from './cookie';
export { currentViewer, pageViewer, requireViewer } from './viewer';
