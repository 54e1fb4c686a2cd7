import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamSid } from '@onhook/contracts';
import { createCarrierMessages, readCarrierMessage } from './carrier-messages.js';

const read = (value: unknown) => readCarrierMessage(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
const streamSid = `MZ${'a1'.repeat(16)}` as StreamSid;
const callSid = `CA${'b2'.repeat(16)}`;
const start = {
  event: 'start',
  sequenceNumber: '1',
  streamSid,
  start: {
    accountSid: `AC${'c3'.repeat(16)}`,
    streamSid,
    callSid,
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    customParameters: { callId: 'x', attempt: '1', token: 't' },
  },
};

describe('messages of the carrier', () => {
  it('are read as Twilio writes them', () => {
    expect(read({ event: 'connected', protocol: 'Call', version: '1.0.0' })).toEqual({ event: 'connected' });
    expect(read(start)).toEqual({
      event: 'start',
      start: { accountSid: `AC${'c3'.repeat(16)}`, streamSid, callSid, parameters: { callId: 'x', attempt: '1', token: 't' } },
    });
    expect(
      read({
        event: 'media',
        sequenceNumber: '2',
        media: { track: 'inbound', chunk: '1', timestamp: '155', payload: '//8A' },
        streamSid,
      }),
    ).toEqual({
      event: 'media',
      audio: Buffer.from([0xff, 0xff, 0x00]),
      timestampMs: 155,
    });
    expect(read({ event: 'mark', sequenceNumber: '4', streamSid, mark: { name: 'my label' } })).toEqual({
      event: 'mark',
      name: 'my label',
    });
    expect(read({ event: 'dtmf', streamSid, dtmf: { track: 'inbound_track', digit: '#' } })).toEqual({
      event: 'dtmf',
      digit: '#',
    });
    expect(read({ event: 'stop', sequenceNumber: '378', streamSid, stop: {} })).toEqual({ event: 'stop' });
    expect(read({ event: 'of-tomorrow' })).toEqual({ event: 'other' });
  });

  it('keep their sense whatever the order of keys, the spaces and the escapes', () => {
    expect(read(`{ "media" : {"payload":"\\/\\/8A" }, "event" :\n"m\\u0065dia"}`)).toMatchObject({
      event: 'media',
      audio: Buffer.from([0xff, 0xff, 0x00]),
    });
  });

  it.each([
    ['missing', {}],
    ['null', { timestamp: null }],
    ['an object', { timestamp: {} }],
    ['an object that can become no number', { timestamp: { valueOf: 1, toString: 1 } }],
    ['a list', { timestamp: ['155'] }],
    ['no number', { timestamp: 'soon' }],
  ])('whose timestamp is %s are audio without one', (_, media) => {
    expect(read({ event: 'media', streamSid, media: { payload: '', ...media } })).toMatchObject({
      event: 'media',
      timestampMs: NaN,
    });
  });

  it.each([
    ['another account of the audio', { mediaFormat: { encoding: 'audio/x-l16', sampleRate: 8000, channels: 1 } }],
    ['a call SID that is none', { callSid: 'CA1' }],
    ['a stream SID that is none', { streamSid: 'x"}' }],
    ['parameters that are no text', { customParameters: { callId: 7 } }],
  ])('a start with %s is none', (_, change) => {
    expect(read({ ...start, start: { ...start.start, ...change } })).toBeNull();
  });

  it('never throw, whatever comes', () => {
    const events = new Set<string | undefined>();
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    fc.assert(fc.property(text, (one) => void events.add(read(one)?.event)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void events.add(readCarrierMessage(bytes)?.event)));
    const event = fc.constantFrom('media', 'mark', 'dtmf', 'start', 'stop');
    fc.assert(
      fc.property(event, fc.jsonValue(), fc.jsonValue(), (name, body, more) => {
        events.add(read({ event: name, [name]: body, streamSid: more })?.event);
      }),
    );
    // And objects in the place of every field, behind a payload that is one.
    const field = fc.oneof(fc.jsonValue(), fc.constant({ valueOf: 1, toString: 1 }));
    fc.assert(
      fc.property(field, field, field, (timestamp, chunk, track) => {
        const message = read({
          event: 'media',
          streamSid,
          sequenceNumber: chunk,
          media: { payload: '', timestamp, chunk, track },
        });
        expect(message).toMatchObject({ event: 'media', timestampMs: expect.any(Number) as number });
      }),
    );
    // Only what needs no body may have come out of it.
    expect(events).toEqual(new Set([undefined, 'stop']));
  });
});

describe('messages to the carrier', () => {
  it('are what JSON.stringify would have written', () => {
    const messages = createCarrierMessages(streamSid);
    const { before, after } = messages.media;
    expect(`${String(before)}AAAA${String(after)}`).toBe(
      JSON.stringify({ event: 'media', streamSid, media: { payload: 'AAAA' } }),
    );
    expect(messages.mark('s1:g0:m1')).toBe(JSON.stringify({ event: 'mark', streamSid, mark: { name: 's1:g0:m1' } }));
    expect(messages.clear()).toBe(JSON.stringify({ event: 'clear', streamSid }));
  });
});
