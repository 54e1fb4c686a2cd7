import type { Call } from '@onhook/call';
import type { CallId, GatewayId, StreamSid } from '@onhook/contracts';
import type { LeasedStream } from '../ports/calls.js';

/** `gatewayId|streamSid` while bridged, else empty: who may renew. */
export function ownerOf(call: Call): string {
  return call.state === 'bridged' ? `${call.owner.gatewayId}|${call.owner.streamSid}` : '';
}

export function parseLease(member: string): LeasedStream & { gatewayId: GatewayId } {
  const [callId, gatewayId, streamSid] = member.split('|');
  return { callId: callId as CallId, gatewayId: gatewayId as GatewayId, streamSid: streamSid as StreamSid };
}
