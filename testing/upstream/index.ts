export { closeAll, connectTo, door, GATEWAY, get, NAME, provider, rawProvider, SECRET, wayTo } from './both-ends';
export { deletion, exactly, openStage, PROFILE, type Stage } from './small-cloud';
