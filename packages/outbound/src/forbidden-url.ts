import { isIP } from 'node:net';
import { checkAddress, type AddressRule, type AllowedNetworks } from './address-guard.js';

/** What may be asked of public addresses: `https`, at these ports if any are named. */
export interface UrlRule {
  readonly allowed: AllowedNetworks;
  /** Of what is not allowed by name; any port if absent. */
  readonly publicPorts?: readonly number[] | undefined;
}

/** Plain HTTP is for networks that were allowed by name: what goes over the internet speaks of people. */
export function addressRuleOf(url: URL, { allowed, publicPorts }: UrlRule): AddressRule {
  const isSecure = url.protocol === 'https:';
  const port = url.port === '' ? 443 : Number(url.port);
  return { allowed, isPublicAllowed: isSecure && (publicPorts?.includes(port) ?? true) };
}

/**
 * Whether nobody can ever be sent there, as far as the URL alone tells: an address in place of a name is never looked up. What a
 * name means is checked when it is connected to.
 */
export function isForbiddenUrl(url: URL, rule: UrlRule): boolean {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return true;
  const addresses = addressRuleOf(url, rule);
  if (!addresses.isPublicAllowed && addresses.allowed.length === 0) return true;
  const host = hostOf(url);
  if (isIP(host) === 0) return false;
  try {
    checkAddress(host, addresses);
    return false;
  } catch {
    // The answer says that it is forbidden.
    return true;
  }
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');
