export { type TcpProxy, tcpProxy } from './network';
