/**
 * What an API key may do. `:write` does not include `:read`. `admin` includes everything, and API keys themselves are for it alone.
 * A route names exactly one.
 */
export const SCOPES = {
  'calls:read': 'See calls, their timelines, transcripts and recordings, live events and statistics.',
  'calls:write': 'Place, change, end and erase calls; switch dialing on and off.',
  'campaigns:read': 'See campaigns and their contacts.',
  'campaigns:write': 'Make, start, pause and cancel campaigns.',
  'settings:read': 'See agents, numbers, limits, the do-not-call list, webhook endpoints and their deliveries.',
  'settings:write': 'Change limits, the do-not-call list and webhook endpoints.',
  'queues:read': 'Look at the queues (`/queues`).',
  admin: 'Everything, and API keys.',
} as const satisfies Record<string, string>;

export type Scope = keyof typeof SCOPES;
export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];

export function covers(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes('admin') || granted.includes(needed);
}
