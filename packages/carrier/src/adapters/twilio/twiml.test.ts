import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallId } from '@onhook/contracts';
import { connectStreamTwiml } from './twiml.js';

const callId = 'call_a_01k9zzzzzzzzzzzzzzzzzzzzzz' as CallId;
const SHAPE =
  /^<\?xml version="1\.0" encoding="UTF-8"\?><Response><Connect><Stream url="([^"<]*)"><Parameter name="callId" value="([^"<]*)"\/><Parameter name="attempt" value="([^"<]*)"\/><Parameter name="token" value="([^"<]*)"\/><\/Stream><\/Connect><Hangup\/><\/Response>$/;

describe('the TwiML of a call', () => {
  it('connects the stream and hangs up after it, and holds nothing else', () => {
    const twiml = connectStreamTwiml({ streamUrl: 'wss://onhook.example/media', callId, attempt: 2, streamToken: 'to-ken' });
    expect(twiml.slice(twiml.indexOf('<Response>'))).toBe(
      '<Response><Connect><Stream url="wss://onhook.example/media"><Parameter name="callId" value="call_a_01k9zzzzzzzzzzzzzzzzzzzzzz"/>' +
        '<Parameter name="attempt" value="2"/><Parameter name="token" value="to-ken"/></Stream></Connect><Hangup/></Response>',
    );
  });

  it('keeps its shape whatever the values hold, and they can be read back', () => {
    const unit = fc.oneof(
      fc.constantFrom('<', '>', '"', '&', "'", '/', ']]>'),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
    );
    const anything = fc.string({ unit });
    fc.assert(
      fc.property(anything, anything, fc.nat(), (url, token, attempt) => {
        const parts = SHAPE.exec(connectStreamTwiml({ streamUrl: url, callId, attempt, streamToken: token }));
        expect(parts).not.toBeNull();
        expect([unescape(parts![1]!), parts![2], parts![3], unescape(parts![4]!)]).toEqual([url, callId, String(attempt), token]);
      }),
    );
  });
});

function unescape(text: string): string {
  return text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name] ?? '',
  );
}
