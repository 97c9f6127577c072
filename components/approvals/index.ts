export { AskAgain } from './ask-again';
/** Deciding: the way to the warden's signing page, and saying no. */
export { Decide } from './decide';
export { TicketButton } from './ticket-button';
