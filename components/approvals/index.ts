export { AskAgain } from './ask-again';
export { Decide } from './decide';
export { OPENING, TicketButton, useTicket } from './ticket-button';
