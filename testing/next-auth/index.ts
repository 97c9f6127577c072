export { call, cookies, forgetCookie, forgetCookies } from './next-auth';
