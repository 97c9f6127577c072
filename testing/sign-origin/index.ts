export {
  admit,
  type Desk,
  type Member,
  type Offered,
  offered,
  openDesk,
  type Reply,
  register,
  setUp,
  setupCode,
  signTicket,
  submit,
} from './sign-origin';
