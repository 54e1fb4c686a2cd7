import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallId } from '@onhook/contracts';
import { connectStreamTwiml, dialTwiml, hangUpTwiml } from './twiml.js';

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

describe('the TwiML of a transfer', () => {
  it('dials one number, tells us of that leg, asks what comes after, and ends if nobody answers there', () => {
    const twiml = dialTwiml({
      to: '+14155550177',
      from: '+14155550199',
      ringTimeoutSec: 25,
      limitSec: 3_600,
      statusCallbackUrl: 'https://onhook.example/transfer',
      afterUrl: 'https://onhook.example/after',
    });
    expect(twiml.slice(twiml.indexOf('<Response>'))).toBe(
      '<Response><Dial callerId="+14155550199" timeout="25" timeLimit="3600" action="https://onhook.example/after#rc=5&amp;rp=all&amp;rt=5000&amp;tt=15000" method="POST">' +
        '<Number statusCallback="https://onhook.example/transfer#rc=5&amp;rp=all&amp;rt=5000&amp;tt=15000" statusCallbackMethod="POST" statusCallbackEvent="initiated answered completed">' +
        '+14155550177</Number></Dial><Hangup/></Response>',
    );
  });

  it('ends with words, or without', () => {
    expect(hangUpTwiml(null)).toMatch(/<Response><Hangup\/><\/Response>$/);
    expect(hangUpTwiml({ text: 'Nobody <is> here.', language: 'en-GB' })).toMatch(
      /<Response><Say language="en-GB">Nobody &lt;is&gt; here\.<\/Say><Hangup\/><\/Response>$/,
    );
    expect(hangUpTwiml({ text: 'Niemand da.', language: 'de' })).toContain('<Say language="de-DE">');
    expect(hangUpTwiml({ text: 'Nul.', language: 'xx' })).toContain('<Say>');
  });
});

function unescape(text: string): string {
  return text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name] ?? '',
  );
}
