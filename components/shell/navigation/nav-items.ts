import { Bot, Database, History, Inbox, KeyRound, type LucideIcon, Settings, Users } from 'lucide-react';

export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
}

const inbox: NavItem = { href: '/', label: 'Inbox', icon: Inbox };
const grants: NavItem = { href: '/grants', label: 'Grants', icon: KeyRound };
const history: NavItem = { href: '/history', label: 'History', icon: History };
const agents: NavItem = { href: '/agents', label: 'Agents', icon: Bot };
const targets: NavItem = { href: '/targets', label: 'Targets', icon: Database };
const people: NavItem = { href: '/people', label: 'People', icon: Users };
const settings: NavItem = { href: '/settings', label: 'Settings', icon: Settings };

export const NAV_ITEMS: readonly NavItem[] = [inbox, grants, history, agents, targets, people, settings];

/** On a phone: what is needed at three in the morning stands in the bar, the rest in its menu. */
export const BAR_ITEMS: readonly NavItem[] = [inbox, grants, history];
export const MENU_ITEMS: readonly NavItem[] = [agents, targets, people, settings];

/** Whether the page at `path` belongs to this place. A request is read from the inbox. */
export function isCurrent(place: NavItem, path: string): boolean {
  if (place.href === '/') return path === '/' || path.startsWith('/requests/');
  return path === place.href || path.startsWith(`${place.href}/`);
}
