import { createHash, createHmac } from 'node:crypto';

export type FormParams = Readonly<Record<string, string | readonly string[]>>;

/**
 * `X-Twilio-Signature`: base64 of HMAC-SHA1, keyed with the account's auth token, over the URL and (form POST only) the
 * sorted fields, each as name + value; repeated values once each, sorted. Source: Twilio, Security; vectors in the test.
 */
export function signRequest(authToken: string, url: string, params: FormParams = {}): string {
  let text = url;
  for (const name of Object.keys(params).sort()) {
    const value = params[name]!;
    const values = typeof value === 'string' ? [value] : [...new Set(value)].sort();
    for (const one of values) text += name + one;
  }
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64');
}

/**
 * A JSON body is signed by way of its SHA-256 in the query of the URL, which is requested so; the fields of the body are not
 * in the signature. Twilio's voice sends no JSON of its own accord: this is for whoever plays one of its other webhooks.
 */
export function signJson(authToken: string, url: string, body: string | Uint8Array): { url: string; signature: string } {
  const [address = ''] = url.split('#', 1);
  const hash = createHash('sha256').update(body).digest('hex');
  const hashed = `${address}${address.includes('?') ? '&' : '?'}bodySHA256=${hash}`;
  return { url: hashed, signature: signRequest(authToken, webhookUrlToSign(hashed)) };
}

/** The URL as a webhook is signed with: no fragment, no user and password; over HTTPS no port, over HTTP the port stays. */
export function webhookUrlToSign(url: string): string {
  const [address = ''] = url.split('#', 1);
  const match = /^(https?):\/\/([^/?]*)(.*)$/i.exec(address);
  if (!match) return address;
  const [, scheme = '', authority = '', rest = ''] = match;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return `${scheme}://${scheme.toLowerCase() === 'https' ? host.replace(/:\d+$/, '') : host}${rest}`;
}

/** The URL as the upgrade of a media stream is signed with: as written in the TwiML, `/` where there is no path. */
export function upgradeUrlToSign(url: string, trailingSlash: 'as-written' | 'always' = 'as-written'): string {
  const hasPath = /^wss?:\/\/[^/]+\//i.test(url);
  return !hasPath || (trailingSlash === 'always' && !url.endsWith('/')) ? `${url}/` : url;
}
