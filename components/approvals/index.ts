export { AskAgain } from './ask-again';
export { Decide } from './decide';
export { TicketButton } from './ticket-button';
