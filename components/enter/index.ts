/** Coming in. */
export { SignIn } from './sign-in';
