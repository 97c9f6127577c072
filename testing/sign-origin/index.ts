export { addTokenTarget, approve, pendingRequest } from './requests';
export {
  admit,
  type Member,
  type Offered,
  offered,
  openSignOrigin,
  type Reply,
  register,
  type SignOrigin,
  setUp,
  setupCode,
  signTicket,
  submit,
} from './sign-origin';
