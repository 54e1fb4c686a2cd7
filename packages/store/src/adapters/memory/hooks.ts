import type { EndpointId } from '@onhook/contracts';
import type { Delivery, Line, WebhookEndpoint } from '../../ports/webhooks.js';
import { lineMember } from '../../record/delivery-codec.js';

export interface MemoryLine {
  readonly line: Line;
  readonly deliveries: Map<number, Delivery>;
  token: string | null;
  expiresAt: number;
}

/** What webhooks keep in a MemoryDatabase. */
export interface MemoryHooks {
  readonly endpoints: Map<EndpointId, WebhookEndpoint>;
  readonly lines: Map<string, MemoryLine>;
  /** By member, Redis milliseconds. */
  readonly due: Map<string, number>;
  /** Oldest first. */
  readonly log: { readonly member: string; readonly sequence: number }[];
}

export function newHooks(): MemoryHooks {
  return { endpoints: new Map(), lines: new Map(), due: new Map(), log: [] };
}

export function lineOf(hooks: MemoryHooks, line: Line, now: number): MemoryLine | null {
  const found = hooks.lines.get(lineMember(line));
  if (!found || found.expiresAt > now) return found ?? null;
  hooks.lines.delete(lineMember(line));
  return null;
}
