import type { RedirectOutcome } from '@onhook/carrier';
import type { ToolSurroundings } from '../call-tools.js';
import { createCallBench, type CallBench, type LiveCall } from './call-bench.js';
import type { FakeSession } from './fake-agent.js';

const targets = {
  desk: { number: '+14155550177', description: 'The front desk.' },
  nurse: { number: '+14155550178', description: 'Medical questions.' },
};
export const source = { tools: { transfer: { targets, ringSeconds: 20, limitSeconds: 600 } } };
export const tools: ToolSurroundings = {
  publicUrl: 'https://calls.example.com',
  httpTools: new Map(),
  send: async () => ({ outcome: 'failed', reason: 'unreachable' }),
};
/** A call in which the greeting was heard, with an agent that may transfer it. */
export interface Talk extends LiveCall {
  readonly bench: CallBench;
  readonly session: FakeSession;
}

export async function talking(redirect?: () => Promise<RedirectOutcome>): Promise<Talk> {
  const bench = await createCallBench({ source, tools, ...(redirect && { redirect }) });
  return { bench, ...(await bench.talking()) };
}

/** "I connect you", a second of it, and the tool in the same turn. */
export function announce({ session }: Talk, target = 'desk'): void {
  session.speak(1_000, { turnId: 't-1', itemId: 'i-1' }, { done: false });
  session.callTool('transfer_call', { target }, 't-1');
  session.events.audioDone({ turnId: 't-1', itemId: 'i-1' });
  session.events.turnDone({ turnId: 't-1', status: 'completed' });
}
