/** What stands around every console page. */
export { StatusBanner } from './banner';
export { BottomBar } from './bottom-bar';
export { Brand } from './brand';
export { CouldNotShow } from './could-not-show';
export { favicon } from './favicon';
export { LiveRefresh } from './live-refresh';
export { Shortcuts } from './shortcuts';
export { Sidebar } from './sidebar';
export { SignOut } from './sign-out';
export { TroublePage } from './trouble-page';
