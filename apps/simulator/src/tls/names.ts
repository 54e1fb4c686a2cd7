/** Whom a program believes to talk to when it has `name` hard-coded, and this simulator answers. */
export type Impersonated = 'carrier' | 'voice-agent';

/** `api.twilio.com`, and with an edge and a region as the official SDKs write it: `api.dublin.ie1.twilio.com`. */
const carrierName = /^api(\.[a-z0-9-]{1,32}){0,2}\.twilio\.com$/;

export function impersonated(name: string): Impersonated | undefined {
  const lower = name.toLowerCase();
  if (carrierName.test(lower)) return 'carrier';
  return lower === 'api.openai.com' ? 'voice-agent' : undefined;
}

/** Names of the simulator itself: the carrier answers there, as it does without TLS. */
export const ownNames = ['localhost', '127.0.0.1', '::1'] as const;
export const defaultNames = ['api.twilio.com', 'api.openai.com', ...ownNames] as const;
/** The CA's certificate forbids it to vouch for anything else, so that trusting it cannot harm. */
export const permittedTrees = { dns: ['twilio.com', 'openai.com', 'localhost'], ip: ['127.0.0.1', '::1'] } as const;
