import { describe, expect, it } from 'vitest';
import { createCarrierMessages, readServerMessage } from './stream-messages.js';
import { silentFrame } from './telephone-audio.js';

describe('messages of the carrier', () => {
  it('share one counter, carry numbers as strings, and begin at the given timestamp', () => {
    const messages = createCarrierMessages({ streamSid: 'MZ1', callSid: 'CA1', accountSid: 'AC1', firstTimestampMs: 155 });
    const sent = [
      messages.connected(),
      messages.start({ a: 'b' }),
      messages.media(silentFrame),
      messages.mark('x'),
      messages.media(silentFrame),
      messages.stop(),
    ].map((text) => JSON.parse(text) as Record<string, unknown>);
    const payload = Buffer.from(silentFrame).toString('base64');
    expect(sent).toEqual([
      { event: 'connected', protocol: 'Call', version: '1.0.0' },
      {
        event: 'start',
        sequenceNumber: '1',
        start: {
          accountSid: 'AC1',
          streamSid: 'MZ1',
          callSid: 'CA1',
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters: { a: 'b' },
        },
        streamSid: 'MZ1',
      },
      {
        event: 'media',
        sequenceNumber: '2',
        media: { track: 'inbound', chunk: '1', timestamp: '155', payload },
        streamSid: 'MZ1',
      },
      { event: 'mark', sequenceNumber: '3', streamSid: 'MZ1', mark: { name: 'x' } },
      {
        event: 'media',
        sequenceNumber: '4',
        media: { track: 'inbound', chunk: '2', timestamp: '175', payload },
        streamSid: 'MZ1',
      },
      { event: 'stop', sequenceNumber: '5', streamSid: 'MZ1', stop: { accountSid: 'AC1', callSid: 'CA1' } },
    ]);
  });
});

describe('messages of the server', () => {
  it.each([
    'nonsense',
    '[]',
    '{"event":"media","streamSid":"MZ1"}',
    '{"event":"media","streamSid":"MZ1","media":{}}',
    '{"event":"mark","streamSid":"MZ1","mark":{}}',
    '{"event":"stop","streamSid":"MZ1"}',
    '{"event":"clear","streamSid":"MZ2"}',
    '{"event":"clear","stream_sid":"MZ1"}',
  ])('%s is ignored', (text) => {
    expect(readServerMessage(text, 'MZ1')).toHaveProperty('rejected');
  });
});
