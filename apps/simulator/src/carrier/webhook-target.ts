import type { HttpMethod } from './form.js';
import { signRequest, webhookUrlToSign } from './signature.js';

/** What the carrier asks of a customer's web server. */
export interface WebhookRequest {
  url: string;
  method: HttpMethod;
  params: Record<string, string>;
}

/** One HTTP request, ready to be sent. */
export interface Target extends WebhookRequest {
  address: URL;
  headers: Record<string, string>;
  body: string | undefined;
  /** `user:password` of the URL; shown only to a server that asks for them. */
  credentials: string | undefined;
}

/** What matters of an answer to where the next request goes. */
export interface Directions {
  status: number;
  location?: string | undefined;
  challenge?: string | undefined;
}

/**
 * GET carries the parameters in the URL (and signs them there), POST in the body. Every try carries the same token.
 * `undefined`: the URL is none of the web's. A document may hold anything there.
 */
export function buildTarget(given: WebhookRequest, signer: { authToken: string; token: string }): Target | undefined {
  const { method, params } = given;
  if (!isWebUrl(given.url)) return undefined;
  const form = new URLSearchParams(params).toString();
  const [withoutFragment = ''] = given.url.split('#', 1);
  const isPost = method === 'POST';
  const url = isPost || form === '' ? withoutFragment : `${withoutFragment}${withoutFragment.includes('?') ? '&' : '?'}${form}`;
  const body = isPost ? form : undefined;
  const address = new URL(url);
  const { username, password } = address;
  // Node would decode them, and throw at what is no text.
  address.username = address.password = '';
  return {
    ...given,
    address,
    body,
    credentials: username ? `${decoded(username)}:${decoded(password)}` : undefined,
    headers: {
      'User-Agent': 'TwilioProxy/1.1',
      Accept: '*/*',
      Connection: 'close',
      'X-Twilio-Signature': signRequest(signer.authToken, webhookUrlToSign(url), isPost ? params : {}),
      'I-Twilio-Idempotency-Token': signer.token,
      ...(body !== undefined && {
        'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'Content-Length': String(Buffer.byteLength(body)),
      }),
    },
  };
}

/** Where an answer sends the carrier on to: another place, or the same with credentials. `undefined`: it is the answer. */
export function targetAfter(
  target: Target,
  { status, location, challenge }: Directions,
  signer: { authToken: string; token: string },
): Target | undefined {
  if (status === 401 && target.credentials !== undefined && /^basic\b/i.test(challenge ?? '')) {
    const authorization = `Basic ${Buffer.from(target.credentials).toString('base64')}`;
    // Asked again, it has said no.
    if (target.headers['Authorization'] !== undefined) return undefined;
    return { ...target, headers: { ...target.headers, Authorization: authorization } };
  }
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, target.url)) return undefined;
  const next = new URL(location, target.url);
  const method = status === 307 || status === 308 ? target.method : 'GET';
  return buildTarget({ url: next.href, method, params: target.params }, signer);
}

function isWebUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** As it is, if it is not percent-encoded: a URL may say `%ff`, which is no text. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
