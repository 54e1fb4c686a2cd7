export { openTlsDoors, type TlsDoors, type TlsOptions } from './tls-doors.js';
