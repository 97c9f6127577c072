import { cache } from 'react';
import { readStatus } from '#lib/console';

/** The frame and the page ask for the same status: it is read once a request. */
export const status = cache(readStatus);
