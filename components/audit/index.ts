export { EventList } from './event-list';
export { address, isFiltered, type Query, readQuery, toFilter } from './filter';
export { FilterForm } from './filter-form';
export { Pager } from './pager';
export { Timeline } from './timeline';
