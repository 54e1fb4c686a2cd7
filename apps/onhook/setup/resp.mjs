// Just enough of Redis's wire protocol to ask a server how it is, before any client library is installed.
import net from 'node:net';
import tls from 'node:tls';

/**
 * Sends commands one after another on one connection and returns the last answer.
 *
 * @param {{ host: string, port: number, username?: string, password?: string, tls?: boolean }} server
 * @param {string[][]} commands
 * @param {number} [timeoutMs]
 * @returns {Promise<unknown>} rejects on an error answer, a refused connection, or silence
 */
export function askRedis(server, commands, timeoutMs = 2000) {
  const all = [...commands];
  if (server.password) all.unshift(['AUTH', ...(server.username ? [server.username] : []), server.password]);
  return new Promise((resolve, reject) => {
    const socket = server.tls
      ? tls.connect({ host: server.host, port: server.port, servername: server.host })
      : net.connect({ host: server.host, port: server.port });
    const timer = setTimeout(() => finish(new Error(`Redis did not answer within ${timeoutMs} ms`)), timeoutMs);
    let received = Buffer.alloc(0);
    let answered = 0;
    /** @param {Error | undefined} error @param {unknown} [value] */
    const finish = (error, value) => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve(value);
    };
    socket.on('error', finish);
    socket.on('close', () => finish(new Error('Redis closed the connection')));
    socket.once(server.tls ? 'secureConnect' : 'connect', () => socket.write(all.map(encode).join('')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const parsed = parse(received, 0);
        if (!parsed) return;
        received = received.subarray(parsed.end);
        answered += 1;
        if (parsed.value instanceof Error) return finish(parsed.value);
        if (answered === all.length) return finish(undefined, parsed.value);
      }
    });
  });
}

/** `redis://user:password@host:port/db` → what `askRedis` takes. */
export function serverOf(url) {
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw new Error('REDIS_URL must begin with redis:// or rediss://');
  return {
    host: hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(port || 6379),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    tls: protocol === 'rediss:',
  };
}

function encode(command) {
  return `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;
}

/** One answer from `at` on, or nothing if it has not wholly arrived. */
function parse(bytes, at) {
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('utf8', at + 1, lineEnd);
  const after = lineEnd + 2;
  switch (bytes.toString('latin1', at, at + 1)) {
    case '+':
      return { value: line, end: after };
    case '-':
      return { value: new Error(line), end: after };
    case ':':
      return { value: Number(line), end: after };
    case '$': {
      const length = Number(line);
      if (length < 0) return { value: null, end: after };
      if (bytes.length < after + length + 2) return undefined;
      return { value: bytes.toString('utf8', after, after + length), end: after + length + 2 };
    }
    case '*': {
      const items = [];
      let end = after;
      for (let i = 0; i < Number(line); i += 1) {
        const item = parse(bytes, end);
        if (!item) return undefined;
        items.push(item.value);
        end = item.end;
      }
      return { value: items, end };
    }
    default:
      return { value: new Error('what answered is no Redis'), end: bytes.length };
  }
}
