import { createHash } from 'node:crypto';

/** The opening handshake of a WebSocket (RFC 6455 §4), the client's side, with the headers that Twilio sends. Pure. */

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The request as it was captured: these headers in this order, no Origin, no protocol, no extensions. */
export function upgradeRequest({ url, key, signature }: { url: URL; key: string; signature: string }): string {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'User-Agent: Twilio.TmeWs/1.0',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    `X-Twilio-Signature: ${signature}`,
  ];
  if (url.username !== '' || url.password !== '') {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    lines.push(`Authorization: Basic ${Buffer.from(login).toString('base64')}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** What the server says to it; `undefined` while its header has not arrived wholly. */
export type UpgradeAnswer = { accepted: true; headBytes: number } | { accepted: false; why: string };

/** A header beyond this is no answer. */
const maxHeadBytes = 16 * 1024;

export function readUpgradeAnswer(bytes: Buffer, key: string): UpgradeAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return bytes.length > maxHeadBytes ? { accepted: false, why: 'no end of the header' } : undefined;
  const [status = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const code = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(status)?.[1];
  if (code === undefined) return { accepted: false, why: 'not HTTP/1.1' };
  if (code !== '101') return { accepted: false, why: `HTTP ${code}` };
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket')
    return { accepted: false, why: 'HTTP 101 without Upgrade: websocket' };
  if (headers.get('sec-websocket-accept') !== acceptOf(key)) return { accepted: false, why: 'wrong Sec-WebSocket-Accept' };
  for (const name of ['sec-websocket-protocol', 'sec-websocket-extensions']) {
    if (headers.has(name)) return { accepted: false, why: `${name} that was not asked for` };
  }
  return { accepted: true, headBytes: end + 4 };
}

function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + guid)
    .digest('base64');
}
