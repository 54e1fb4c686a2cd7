import { SCOPE_NAMES, type Scope } from '@onhook/contracts';
import type { Response } from 'express';

/** Whoever asks: the API key that came with the request. */
export interface Principal {
  readonly keyId: string;
  readonly scopes: readonly Scope[];
}

export const EVERY_SCOPE: readonly Scope[] = SCOPE_NAMES;

/** Whoever checked the key says here whose it is. */
export function setPrincipal(response: Response, principal: Principal): void {
  response.locals['principal'] = principal;
}

export function principalOf(response: Response): Principal | null {
  return (response.locals['principal'] as Principal | undefined) ?? null;
}
