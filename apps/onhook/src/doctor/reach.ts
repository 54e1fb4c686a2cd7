import http from 'node:http';
import https from 'node:https';
import { fail, ok, reasonOf, warn, type Finding } from './check.js';

const WITHIN_MS = 8_000;

/** Whether the carrier's callbacks would come to our api: through whatever tunnel or proxy stands before it. */
export async function checkPublicUrl(publicUrl: string, isReal: boolean): Promise<Finding> {
  if (isReal && !publicUrl.startsWith('https://'))
    return fail(
      'Public URL',
      `${publicUrl} is not https`,
      'The carrier sends numbers and speech: give PUBLIC_URL an https address.',
    );
  try {
    const response = await fetch(new URL('/healthz', publicUrl), { redirect: 'manual', signal: AbortSignal.timeout(WITHIN_MS) });
    const body = (await response.json().catch(() => null)) as { status?: unknown } | null;
    if (response.status !== 200 || body === null)
      return fail(
        'Public URL',
        `/healthz was answered ${response.status}`,
        'Let PUBLIC_URL lead to the api without any change of path.',
      );
    return ok('Public URL', `${publicUrl} leads to the api`);
  } catch (error) {
    return fail('Public URL', `cannot be reached (${reasonOf(error)})`, 'Start the api, and open the tunnel or proxy before it.');
  }
}

/** A WebSocket upgrade without a signature must come through and be refused by our gateway: 403. Anything else is somebody else's answer. */
export async function checkMediaUrl(mediaUrl: string, isReal: boolean): Promise<Finding> {
  if (isReal && !mediaUrl.startsWith('wss://'))
    return fail('Media URL', `${mediaUrl} is not wss`, 'Twilio opens media streams to wss:// only.');
  const url = new URL(mediaUrl.replace(/^ws/, 'http'));
  try {
    const status = await upgrade(url);
    if (status === 403 || status === 401) return ok('Media URL', 'WebSocket upgrades come to the gateway');
    if (status === 101)
      return fail(
        'Media URL',
        'a stranger could open a media stream',
        'Something before the gateway answers for it: let it pass on upgrades.',
      );
    if (status === 503)
      return warn('Media URL', 'the gateway takes no streams just now', 'It is full, or it stops: look at its log.');
    return fail(
      'Media URL',
      `the upgrade was answered ${status}`,
      'Let the proxy pass on WebSocket upgrades (Upgrade and Connection headers).',
    );
  } catch (error) {
    return fail(
      'Media URL',
      `cannot be reached (${reasonOf(error)})`,
      'Start the gateway, and open the tunnel or proxy before it.',
    );
  }
}

function upgrade(url: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.from('sixteen old bytes'.slice(0, 16)).toString('base64'),
      },
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    request.on('error', reject);
    request.end();
  });
}
