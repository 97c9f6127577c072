import { Bot, Database, History, Inbox, KeyRound, type LucideIcon, Settings, Users } from 'lucide-react';

export interface Place {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
}

const inbox: Place = { href: '/', label: 'Inbox', icon: Inbox };
const grants: Place = { href: '/grants', label: 'Grants', icon: KeyRound };
const history: Place = { href: '/history', label: 'History', icon: History };
const agents: Place = { href: '/agents', label: 'Agents', icon: Bot };
const targets: Place = { href: '/targets', label: 'Targets', icon: Database };
const people: Place = { href: '/people', label: 'People', icon: Users };
const settings: Place = { href: '/settings', label: 'Settings', icon: Settings };

export const PLACES: readonly Place[] = [inbox, grants, history, agents, targets, people, settings];

/** On a phone: what is needed at three in the morning stands in the bar, the rest in its menu. */
export const AT_HAND: readonly Place[] = [inbox, grants, history];
export const IN_MENU: readonly Place[] = [agents, targets, people, settings];

/** Whether the page at `path` belongs to this place. A request is read from the inbox. */
export function isHere(place: Place, path: string): boolean {
  if (place.href === '/') return path === '/' || path.startsWith('/requests/');
  return path === place.href || path.startsWith(`${place.href}/`);
}
