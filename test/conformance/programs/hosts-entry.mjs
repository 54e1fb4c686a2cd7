// Does to the process that preloads it what a line in /etc/hosts and a simulator at port 443 would do, neither of which a
// test may have: the names of HOSTS_ENTRY lead to 127.0.0.1, and their port 443 to TLS_PORT.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const names = new Set(process.env.HOSTS_ENTRY.split(','));
const tlsPort = Number(process.env.TLS_PORT);
const { lookup } = dns;
const { connect } = net.Socket.prototype;

dns.lookup = (name, options, callback) => {
  const done = callback ?? options;
  if (!names.has(name)) return lookup(name, options, done);
  const found = { address: '127.0.0.1', family: 4 };
  process.nextTick(() => (options.all ? done(null, [found]) : done(null, found.address, found.family)));
};
net.Socket.prototype.connect = function (...args) {
  // Either (options, callback), or both already in an array, as net.connect hands them on.
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (names.has(options?.host) && Number(options.port) === 443) options.port = tlsPort;
  return connect.apply(this, args);
};
syncBuiltinESMExports();
