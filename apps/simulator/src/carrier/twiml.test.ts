import { describe, expect, it } from 'vitest';
import { parseTwiml, TwimlFault } from './twiml.js';

describe('TwiML', () => {
  it('reads the document of a bidirectional stream', () => {
    const { verbs, warnings } = parseTwiml(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://a.example/media">' +
        '<Parameter name="callId" value="call_1 &amp; more"/></Stream></Connect><Hangup/></Response>',
    );
    expect(warnings).toEqual([]);
    expect(verbs).toEqual([
      {
        verb: 'Connect',
        method: 'POST',
        stream: {
          url: 'wss://a.example/media',
          track: 'inbound_track',
          statusCallbackMethod: 'POST',
          parameters: { callId: 'call_1 & more' },
        },
      },
      { verb: 'Hangup' },
    ]);
  });

  it('knows the defaults of Pause, Say and Play', () => {
    expect(
      parseTwiml('<Response><Pause/><Pause length="40"/><Say>Hi <![CDATA[<you>]]></Say><Play digits="1w2"/></Response>').verbs,
    ).toEqual([
      { verb: 'Pause', lengthSec: 1 },
      { verb: 'Pause', lengthSec: 40 },
      { verb: 'Say', text: 'Hi <you>', loop: 1 },
      { verb: 'Play', loop: 1, digits: '1w2' },
    ]);
  });

  it('warns of verbs that it does not know, and of names in the wrong case', () => {
    const { verbs, warnings } = parseTwiml('<Response><hangup/><Gather/><Hangup/></Response>');
    expect(verbs).toEqual([{ verb: 'Hangup' }]);
    expect(warnings).toHaveLength(2);
  });

  it('refuses what is no document', () => {
    for (const text of [
      '',
      'hello',
      '<Response>',
      '<Response><Say>a & b</Say></Response>',
      '<html/>',
      '<!DOCTYPE r [<!ENTITY x "y">]><Response>&x;</Response>',
    ]) {
      expect(() => parseTwiml(text)).toThrow(TwimlFault);
    }
  });
});
