import { describe, expect, it } from 'vitest';
import { newCallId } from './ids.js';
import { dialJob, hangupJob } from './jobs.js';
import { readOrder } from './orders.js';
import { readVersion } from './schema-version.js';
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
      expect(readOrder(order)).toEqual({ outcome: 'order', order });
    }
  });

  it('never carry words, and nothing unknown', () => {
    expect(readOrder({ type: 'say-and-end', callId, streamSid, words: 'bye' })).toEqual({ outcome: 'unknown' });
    expect(readOrder({ type: 'answered-by', callId, streamSid })).toEqual({ outcome: 'unknown' });
    expect(readOrder({ type: 'dance', callId, streamSid })).toEqual({ outcome: 'unknown' });
  });

  it('of a newer release are known as such, whatever else they are', () => {
    expect(readOrder({ v: 2, type: 'dance' })).toEqual({ outcome: 'newer', schema: 2 });
    const order = { type: 'close', callId, streamSid };
    expect(readOrder({ v: 1, ...order })).toEqual({ outcome: 'order', order });
  });
});

describe('the version of a message', () => {
  it('is 1 unless said', () => {
    expect(readVersion({ callId })).toEqual({ isNewer: false, message: { callId } });
    expect(readVersion({ v: 1, callId })).toEqual({ isNewer: false, message: { callId } });
    expect(readVersion({ v: 3, callId })).toEqual({ isNewer: true, schema: 3 });
  });

  it('that is none is left for the schema to refuse', () => {
    for (const given of [null, 'x', [], { v: '2', callId }, { v: 0, callId }, { v: 1.5, callId }]) {
      expect(readVersion(given)).toEqual({ isNewer: false, message: given });
      expect(dialJob.payload.safeParse(given).success).toBe(false);
    }
  });
});

describe('wakes', () => {
  it('are picked out of what a transition asks for', () => {
    const wake = { type: 'wake-hangup', callId };
    expect(wakesOf([{ type: 'place-call' }, wake, { type: 'alarm' }])).toEqual([wake]);
  });
});
