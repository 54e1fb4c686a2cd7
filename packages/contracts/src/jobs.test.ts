import { describe, expect, it } from 'vitest';
import { newCallId } from './ids.js';
import { dialJob, hangupJob } from './jobs.js';
import { orderSchema } from './orders.js';
import { wakesOf } from './wakes.js';

const callId = newCallId('c', '018bcfe5-6800-7000-8000-000000000000');
const sid = `CA${'0'.repeat(32)}`;
const streamSid = `MZ${'0'.repeat(32)}`;

describe('jobs', () => {
  it('a dial job names a call and nothing else', () => {
    expect(dialJob.payload.parse({ callId })).toEqual({ callId });
    for (const payload of [{}, { callId: 'x' }, { sid }, { callId, to: '+14155552671' }, null, 'x', { callId: [callId] }]) {
      expect(dialJob.payload.safeParse(payload).success).toBe(false);
    }
  });

  it('a hangup job names a call or a stray leg, never both', () => {
    expect(hangupJob.payload.parse({ callId })).toEqual({ callId });
    expect(hangupJob.payload.parse({ sid })).toEqual({ sid });
    for (const payload of [{}, { callId, sid }, { sid: 'CA1' }, { callId, words: 'bye' }])
      expect(hangupJob.payload.safeParse(payload).success).toBe(false);
  });
});

describe('orders', () => {
  it('name the call and its stream', () => {
    for (const order of [
      { type: 'close', callId, streamSid },
      { type: 'say-and-end', callId, streamSid },
      { type: 'answered-by', callId, streamSid, who: 'machine' },
    ]) {
      expect(orderSchema.parse(order)).toEqual(order);
    }
  });

  it('never carry words, and nothing unknown', () => {
    expect(orderSchema.safeParse({ type: 'say-and-end', callId, streamSid, words: 'bye' }).success).toBe(false);
    expect(orderSchema.safeParse({ type: 'answered-by', callId, streamSid }).success).toBe(false);
    expect(orderSchema.safeParse({ type: 'dance', callId, streamSid }).success).toBe(false);
  });
});

describe('wakes', () => {
  it('are picked out of what a transition asks for', () => {
    const wake = { type: 'wake-hangup', callId };
    expect(wakesOf([{ type: 'place-call' }, wake, { type: 'alarm' }])).toEqual([wake]);
  });
});
